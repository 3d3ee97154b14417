"""200 texts for slides in twelve scripts: an opening, what follows, and now and then an emoji."""
# ruff: noqa: RUF001 - letters of other scripts are meant

from collections.abc import Iterator

#: Openings and what may follow each, by script.
_PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "latin": (
        ("Stop scrolling!", "Three things nobody told me", "Früher war Tee nach 10 Minuten kalt",
         "Déjà vu: le café est froid", "Zażółć gęślą jaźń", "I was today years old"),
        ("when this bottle kept my tea hot for 12 hours", "und nun nicht mehr, größer als gedacht",
         "c’est fini à partir d’aujourd’hui"),
    ),
    "greek": (
        ("Σταμάτα να ψάχνεις", "Ζεστό τσάι όλη μέρα", "Τρία πράγματα που έμαθα",
         "Πριν και μετά", "Το μυστικό μου", "Κάθε πρωί"),
        ("με το νέο μπουκάλι", "χωρίς καμία προσπάθεια", "μόνο 12 ευρώ"),
    ),
    "cyrillic": (
        ("Хватит листать!", "Чай горячий весь день", "Три вещи, о которых молчат",
         "До и после", "Ещё вчера я не знал", "Щоранку кава холоне"),
        ("с этой бутылкой", "и это не шутка", "всего за 12 часов"),
    ),
    "arabic": (
        ("توقف عن التمرير", "الشاي ساخن طوال اليوم", "ثلاثة أشياء لم أعرفها",
         "قبل وبعد", "سر صغير", "كل صباح"),
        ("مع هذه الزجاجة الجديدة", "خصم 50% اليوم فقط", "لمدة 12 ساعة كاملة"),
    ),
    "hebrew": (
        ("תפסיקו לגלול", "תה חם כל היום", "שלושה דברים שלא ידעתי",
         "לפני ואחרי", "הסוד שלי", "כל בוקר"),
        ("עם הבקבוק החדש", "הנחה של 50% רק היום", "ל-12 שעות (באמת)"),
    ),
    "devanagari": (
        ("स्क्रॉल करना बंद करो", "दिन भर गर्म चाय", "तीन बातें जो किसी ने नहीं बताईं",
         "पहले और बाद में", "मेरा छोटा रहस्य", "हर सुबह"),
        ("इस नई बोतल के साथ", "आज केवल 50% छूट", "पूरे 12 घंटे तक"),
    ),
    "bengali": (
        ("স্ক্রল করা বন্ধ করুন", "সারাদিন গরম চা", "তিনটি কথা কেউ বলেনি",
         "আগে এবং পরে", "আমার ছোট্ট রহস্য", "প্রতিদিন সকালে"),
        ("এই নতুন বোতলের সাথে", "আজ মাত্র 50% ছাড়", "পুরো 12 ঘণ্টা"),
    ),
    "tamil": (
        ("நிறுத்துங்கள்", "நாள் முழுவதும் சூடான தேநீர்", "யாரும் சொல்லாத மூன்று",
         "முன்னும் பின்னும்", "என் சிறிய ரகசியம்", "தினமும் காலை"),
        ("இந்த புதிய பாட்டில்", "இன்று மட்டும் 50%", "முழு 12 மணி நேரம்"),
    ),
    "thai": (
        ("หยุดเลื่อนก่อน", "ชาร้อนตลอดทั้งวัน", "สามสิ่งที่ไม่มีใครบอก",
         "ก่อนและหลัง", "ความลับเล็กๆ ของฉัน", "ทุกเช้าที่เร่งรีบ"),
        ("กับขวดใหม่ที่เก็บความร้อนได้นาน", "ลดราคา 50% เฉพาะวันนี้", "นานถึง 12 ชั่วโมง"),
    ),
    "japanese": (
        ("スクロールを止めて", "一日中あたたかいお茶", "誰も教えてくれなかった三つのこと",
         "使う前と使った後", "私の小さな秘密", "毎朝の習慣"),
        ("この新しいボトルで始めましょう", "今日だけ50%割引です", "12時間そのままの温度"),
    ),
    "chinese": (
        ("别再往下滑了", "一整天都有热茶", "没人告诉我的三件事",
         "使用之前和之后", "我的小秘密", "每天早上"),
        ("这个新水杯真的很好用", "今天限时五折优惠", "保温长达12个小时"),
    ),
    "korean": (
        ("스크롤을 멈추세요", "하루 종일 따뜻한 차", "아무도 말해주지 않은 세 가지",
         "사용 전과 사용 후", "나만의 작은 비밀", "매일 아침"),
        ("새로운 보틀과 함께", "오늘만 50% 할인", "12시간 동안 그대로"),
    ),
}  # fmt: skip
_EMOJI = ("", "", "🔥", "", "👀", "", "☕️", "👍🏽", "")
#: Joined by a space, but for scripts that have none between words.
_UNSPACED = {"japanese": "、", "chinese": "，", "thai": " "}
TEXTS = 200


def texts() -> Iterator[tuple[str, str]]:
    """Yields the script and the words of each text."""
    number = 0
    for place in range(3):
        for opening in range(6):
            for script, (openings, followings) in _PARTS.items():
                if number == TEXTS:
                    return
                following = followings[(place + opening) % 3]
                words = f"{openings[opening]}{_UNSPACED.get(script, ' ')}{following}"
                if place == 2 and opening % 2:
                    words = openings[opening]
                emoji = _EMOJI[number % len(_EMOJI)]
                yield script, f"{words} {emoji}".strip()
                number += 1
