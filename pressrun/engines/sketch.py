"""stub"""

import io, json
from PIL import Image
from pressrun.engines.base import *
from pressrun.pictures import read_picture


class SketchEngine:
    name = "sketch"

    def text(self, request: TextRequest) -> TextReply:
        n = int(request.brief["slides"])
        return TextReply(
            json.dumps(
                {
                    "style": "s",
                    "audience": "a",
                    "palette": ["#fff"],
                    "caption": "c",
                    "slides": [
                        {
                            "position": i,
                            "role": "hook",
                            "on_slide_text": "",
                            "composition": "x",
                            "new_text": f"Hello {i}",
                        }
                        for i in range(n)
                    ],
                }
            )
        )

    def image(self, request: ImageRequest) -> ImageReply:
        out = io.BytesIO()
        request.pictures[0].open().resize((768, 1376)).save(out, "JPEG", quality=88)
        return ImageReply(read_picture(out.getvalue(), "x"))

    def close(self) -> None: ...
