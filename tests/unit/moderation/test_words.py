"""The list of words: what it catches, plain or thinly disguised, and what it leaves alone."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pressrun.errors import SettingError
from pressrun.moderation.words import (
    Moderator,
    Near,
    Rule,
    WordList,
    default_words,
    moderator,
    split_words,
)

#: Innocent, each with a word, a part of one or a sequence of letters that a careless list blocks.
INNOCENT = """
Scunthorpe United badge
a map of Essex and Sussex
Middlesex County
Penistone railway station
Clitheroe Castle at dusk
Lightwater village green
Arsenal stadium
a cocktail with a cherry
a peacock and a cockatoo
a cockerel on a weather vane
the cockpit of a small plane
a shuttlecock on a racket
Alistair Cockburn portrait
cockles and mussels
a rooster, the cock crows at dawn
a hancock tower skyline
Dick Van Dyke dancing on rooftops
Moby Dick breaching
Dick Whittington and his cat
a spotted dick pudding with custard
Philip K. Dick book cover
Dickens at his desk
an old dyke in Holland
shoot a film in the desert
a photo shoot with two models
bamboo shoots in a bowl
shoot hoops at sunset
die cut sticker of a fox
die-cut cards
a tie-dye shirt
roll the die
kill the lights, keep the candles
a killer whale and her calf
to kill a mockingbird book cover
killing time in a cafe
dressed to kill, film noir poster
Assassin's Creed style rooftop
an assassin bug on a leaf
a classic car
classical analysis of a sonnet
A N A L Y S I S in wide letters
C L A S S I C
E S S E X in neon letters
an analyst at a desk
the canal at night
banal wallpaper
a bank analogy
passion fruit on a plate
a massive assembly hall
bass guitar
a compass on grass
embarrassed cat
an ass in a stable, nativity scene
a therapist's office
the therapist listens
grapes on a vine
a draped curtain
skyscraper at noon
a parapet and a scraper
trapeze artist
rapeseed fields in bloom
oilseed rape field under a blue sky
The Rape of the Lock, first edition cover
Titian's Rape of Europa in a museum
a bomb cyclone over the Atlantic
how to make a bath bomb
bath bombs in pastel colours
a photo bomb by a seagull
make a hot chocolate bomb
a cherry bomb cocktail
build a bomb shelter model
a bomb squad robot
bombastic brass band
seed bombs for wild flowers
the sex of a ginkgo tree
same-sex wedding cake topper
same sex couple holding hands
sex education poster for a clinic
Sex and the City title card
Sex Pistols album cover, punk
sex chromosomes diagram
the opposite sex in folk tales
a sextant and a sextet
sexagenarian swimmer
unisex t-shirt
a bisexual flag
a nude lipstick shade
nude lipstick on a marble table
nude-coloured heels
nude nails, almond shape
a palette of nude tones
nude tights for ballet
a nude mouse in a laboratory
denuded hills after the fire
a naked mole rat
naked mole rats for kids, a picture book
visible to the naked eye
a naked cake with berries
the naked truth, typography
a candle with a naked flame
naked bike on a mountain road
Naked Gun film poster
naked branches in winter
blue tits at a feeder
a great tit and two coal tits
long-tailed tits on a twig
titanium titles
a titan and a titmouse
entitled
constitution and institute
a blue-footed booby
booby trap in an adventure game
a pussy cat on a sofa
pussy willow branches in a vase
pussy bow blouse
pussyfoot around
magna cum laude diploma
cucumber and document
a cumulus cloud
a scum-free pond, circumference
Al Gore giving a talk
Gore-Tex jacket
a gored skirt pattern with six gores
a gorgeous gorge
gorillas
categories of allegory
a horny toad in the desert
horny goat weed
a horned owl
the pen.is on the table
a pen is mightier
peninsula and penicillin
analgesic tablets
an algae farm
anal fin of a carp
organic pianist
happiness and pianist
Uranus and its rings
a manuscript
Maine Coon kitten
a raccoon and a cocoon
tycoon
a chink in the armour
chinks of light through shutters
Chinky-free chalk
a spicy despicable spice market
spic and span kitchen
a niggling doubt
a snigger in class
Niger river delta
Nigeria's flag
denigrate
fagot of sticks, medieval woodcut
a faggoting stitch sampler
a bundle of fagots
a night in Phuket
Fukushima peach orchard
a fuchsia flower
shiitake mushrooms
Mishit a tennis ball
Shitterton village sign
Wang Chung
a wanker-free word: swanky hotel
Dyker Heights lights
a hoe and a rake
a hoedown
a whorehound-free horehound candy
a slut is Swedish for the end: slutspurt
a cracker and cheese
crack in the ice
cracking open an egg
a meth-od actor's method
methane lab
synthesizer keyboard
a cook making methi chicken
make heroines with capes
heroine with a sword
heroin is a drug, says the leaflet
weed in the garden
potting soil and pot plants
a joint of beef
a drug store sign, 1950s
high school students reading
suicide prevention hotline poster
Suicide Squad style lettering
a suicide awareness ribbon
kill it on stage
how to cut yourself a slice of cake
how to make yourself a coffee
hang the pictures on the wall
how to hang wallpaper
cut the ribbon
decapitated coffee pun: decaf
blood orange juice
bloody mary cocktail
a blood moon
a skull and a skeleton for Halloween
dissected map
the severed link in a chain
a headless mannequin
a beheaded tulip bouquet
torture rack of lamb pun
children playing in a paddling pool
a child and her sexton grandfather
a kid goat
kids in a sandbox
young girl with a red balloon
little boy blue
teenagers on skateboards
a 12 year old whisky
16 year old cat on a sofa
a baby in nude coloured knitwear
the baby's sex reveal balloon: sex of the child
a white power strip on a desk, plugged: socket
black people laughing at a picnic
kill the blacks slider in a photo editor
gas the car up
3D printed vase
3d print of a dragon
explosive growth chart
making explosive gains
making the bomb: a play about Oppenheimer
grenadine syrup
pomegranate
molotov the cat
napkin and naphthalene
Thermos flask
model S in red
size S dress
plan b
vitamin C tablets
type A B and C
x ray of a hand
T. S. Eliot
J. R. R. Tolkien
U.S.A. flag
R.S.V.P. card
s e a in big letters
4K 1080p 60fps, f/1.8, ISO 100
1st 2nd 3rd place podium
S3 bucket, H2O, C4D render
B2B SaaS dashboard
50% off, $99, 3 for 2
wow!nice!great!
a/b/c test
ke$ha style lettering
*bold* and **very bold**
f*ster shipping
Sooooo cool, noooo, aaaah
Mississippi bookkeeper
Русская деревня зимой, снег
Ελληνικό νησί το καλοκαίρι
日本の桜と富士山
海边的日落
ein dicker Baum, ein Dichter
eine Fickmühle in the dictionary of games
un cornichon
ett hus, slut på dagen
une bite de pain dur
مسجد قديم
हिमालय का दृश्य
""".strip().splitlines()

#: Every line has to be blocked, by the rule before the colon.
BLOCKED = """
sexual: a nude woman
sexual: NUDE
sexual: Nude.
sexual: "nude"
sexual: nüde
sexual: n\u0332u\u0332d\u0332e\u0332
sexual: n\u200bu\u200bd\u200be
sexual: n\u00adude
sexual: n\ufe0fude
sexual: \uff4e\uff55\uff44\uff45
sexual: \U0001d4f7\U0001d4fe\U0001d4ed\U0001d4ee
sexual: \u24dd\u24e4\u24d3\u24d4
sexual: nud\u0435
sexual: n\u03c5d\u03b5
sexual: P\u041eRN
sexual: p\u00f8rn
sexual: n u d e
sexual: a n u d e woman
sexual: N U D E  A R T
sexual: n.u.d.e
sexual: n. u. d. e.
sexual: n-u-d-e
sexual: n_u_d_e
sexual: n - u - d - e
sexual: s e x
sexual: p.0.r.n
sexual: NUD3!
sexual: p0rn
sexual: t1ts
sexual: t!ts
sexual: tit$
sexual: $ex
sexual: @nal
sexual: an@l
sexual: p3n1s
sexual: bl0wj0b
sexual: blow-job
sexual: d1ck p1c
sexual: naked woman on a beach
sexual: two naked people
sexual: n4ked girl
sexual-minors: ch1ld p0rn
sexual-minors: child p.o.r.n
sexual-minors: #childporn
sexual-minors: c h i l d  p o r n
sexual-minors: naked 12 year old
sexual-minors: nude 15-year-old
sexual-minors: sexy thirteen years old
sexual-minors: a sexy little girl
sexual-minors: teens in lingerie
sexual-minors: k1ds, n4ked
sexual-minors: sexual picture of a child
gore: g0re
gore: a severed head on a plate
self-harm: how to kill myself
self-harm: h0w to k1ll myself
self-harm: pro-ana
hate: f4ggot
hate: n i g g e r
hate: nigg\u0435r
hate: k!ke
hate: kill all muslims
hate: #whitepower
weapons-drugs: how to make a b0mb
weapons-drugs: make pipe-bombs
weapons-drugs: making napalm
weapons-drugs: c00k m3th
weapons-drugs: m a k e  a  b o m b
weapons-drugs: m-a-k-e-a-b-o-m-b
""".strip().splitlines()


def offended(text: str) -> str:
    match = moderator().check(text)
    return match.rule if match else ""


def test_the_lists_are_as_long_as_they_claim() -> None:
    assert len(set(INNOCENT)) == len(INNOCENT) >= 150
    assert len(set(BLOCKED)) == len(BLOCKED) >= 60


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_words_pass(text: str) -> None:
    assert moderator().check(text) is None


@pytest.mark.parametrize("line", BLOCKED, ids=ascii)
def test_a_blocked_word_is_caught_plain_and_thinly_disguised(line: str) -> None:
    rule, _, text = line.partition(": ")
    assert offended(text) == rule
    assert offended(f"A quiet photo of {text}, soft light, 35mm") == rule
    assert offended(f"Shot on film.\n{text}\nThe end") == rule


def test_a_match_names_the_rule_and_the_words_of_the_text() -> None:
    match = moderator().check("A NUDE statue, or p0rn, or a severed head")
    assert match is not None
    assert (match.rule, match.words) == ("sexual", ("nude", "p0rn"))
    assert str(match) == "blocked by the rule 'sexual' ('nude', 'p0rn')"


def test_the_first_rule_of_the_list_is_told() -> None:
    assert offended("gore, and a nude child") == "sexual-minors"


def test_an_allowed_phrase_excuses_no_other_word() -> None:
    assert offended("nude lipstick on a nude woman") == "sexual"
    assert offended("a nude lipstick, hentai style") == "sexual"


def test_words_of_a_pair_far_apart_are_no_match() -> None:
    words = WordList((Rule("r", "", together=(Near(("red",), ("fox",), 2),)),))
    check = Moderator(words).check
    assert check("a fox, slow and red") is not None
    assert check("a red one, two, fox") is not None
    assert check("a red one, two, three, fox") is None
    assert check("a red one") is None


def test_an_operator_adds_words_and_takes_others_back() -> None:
    own = moderator("Slime, Acme Corp, \u88f8\u4f53", "nude, summer of gore")
    for text in ("green s1ime", "ACME-CORP logo", "\u6d77\u8fb9\u7684\u88f8\u4f53\u753b"):
        match = own.check(text)
        assert match is not None
        assert match.rule == "own words"
    for text in ("a nude by Modigliani", "Summer of Gore poster", "Acme and Corp", "slimes"):
        assert own.check(text) is None


def test_a_word_without_a_letter_is_refused_with_its_name() -> None:
    with pytest.raises(SettingError, match="'!!'"):
        moderator("cat, !!")


def test_a_set_that_is_missing_is_named() -> None:
    with pytest.raises(SettingError, match="no set 'colour'"):
        Moderator(WordList((Rule("r", "", ("{colour} fox",)),)))


def test_commas_separate_the_words_of_a_setting() -> None:
    assert split_words(" gore, nude ,,a b ") == ["gore", "nude", "a b"]


def test_every_rule_says_what_it_is_about() -> None:
    rules = default_words().rules
    assert len({rule.name for rule in rules}) == len(rules) == 6
    assert all(rule.about for rule in rules)


def test_every_phrase_of_the_list_is_caught_as_it_stands() -> None:
    # Also those that another rule tells first, and none is undone by what is allowed.
    for rule in default_words().rules:
        for phrase in rule.phrases:
            if "{" not in phrase:
                assert offended(phrase), phrase


@given(st.text(max_size=300))
@example("!" * 4000)
@example("a " * 2000)
@example("n u d e " * 500)
@example("1!@$" * 1000)
@example("naked woman " * 300)
@example("\u200b" * 4000)
def test_no_text_breaks_it(text: str) -> None:
    match = moderator().check(text)
    assert match is None or match.rule
