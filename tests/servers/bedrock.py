"""A local Amazon Bedrock: InvokeModel for Stability AI's image models, faults as told, and a bill.

In a test::

    with BedrockServer(keys={"AKIAGOOD"}) as server:
        server.fail("ThrottlingException")
        ...  # boto3 with endpoint_url=server.url
        assert len(server.bill) == 1

It reads the access key out of the signature and believes the rest. It knows nothing of Pressrun.
"""

import base64
import json
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from tests.servers.gemini_http import Answer, Received
from tests.servers.provider import ProviderServer, drawn

#: USD a picture.
_PRICES = {
    "stability.stable-image-core-v1:1": Decimal("0.04"),
    "stability.sd3-5-large-v1:0": Decimal("0.08"),
    "stability.stable-image-ultra-v1:1": Decimal("0.14"),
}
_PIXELS = {
    "1:1": (1024, 1024),
    "2:3": (832, 1216),
    "3:2": (1216, 832),
    "4:5": (896, 1088),
    "5:4": (1088, 896),
    "9:16": (768, 1344),
    "16:9": (1344, 768),
    "21:9": (1536, 640),
}
#: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
_STATUS = {
    "AccessDeniedException": 403,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 400,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "UnrecognizedClientException": 403,
    "ValidationException": 400,
}
_FILTERS = {"prompt": "Filter reason: prompt", "output": "Filter reason: output image"}


class BedrockServer(ProviderServer):
    """The service.

    Args:
        keys: Good access keys.
    """

    def __init__(self, keys: set[str]):
        super().__init__()
        self._keys = keys

    def draws(self, received: Received) -> bool:
        return received.path.endswith("/invoke")

    def answer(self, received: Received, fault: str) -> Answer:
        if _key(received) not in self._keys:
            return _refusal("UnrecognizedClientException", "The security token is invalid.")
        if received.path == "/foundation-models":
            return Answer.of({"modelSummaries": [_summary(model) for model in _PRICES]})
        if not self.draws(received):
            return Answer(b"<html>Not Found</html>", 404)
        model = unquote(received.path.split("/")[2])
        asked = {"model": model, **json.loads(received.body)}
        self.asked.append(asked)
        return self._refused(asked, fault) or self._draw(asked, fault)

    def _refused(self, asked: dict[str, Any], fault: str) -> Answer | None:
        """What is refused before anything is drawn."""
        if fault in _STATUS:
            return _refusal(fault, "Told to fail.")
        if fault == "content filter":
            words = "This request has been blocked by our content filters."
            return _refusal("ValidationException", words)
        if asked["model"] not in _PRICES:
            words = "The provided model identifier is invalid."
            return _refusal("ValidationException", words)
        if asked["aspect_ratio"] not in _PIXELS:
            return _refusal("ValidationException", "aspect_ratio is not one of the enum.")
        return None

    def _draw(self, asked: dict[str, Any], fault: str) -> Answer:
        if fault == "prompt":
            return Answer.of({"finish_reasons": [_FILTERS[fault]]})
        self.charge(asked["model"], _PRICES[asked["model"]])
        if fault == "output":
            return Answer.of({"finish_reasons": [_FILTERS[fault]]})
        picture = drawn(*_PIXELS[asked["aspect_ratio"]], "maroon")
        if fault == "bad_picture":
            picture = picture[: len(picture) // 2]
        if fault == "page":
            return Answer(b"<html></html>")
        images = [] if fault == "empty" else [base64.b64encode(picture).decode()]
        seeds = [asked.get("seed", 7)]
        return Answer.of({"seeds": seeds, "finish_reasons": [None], "images": images})


def _key(received: Received) -> str:
    _, _, credential = received.headers.get("authorization", "").partition("Credential=")
    return credential.partition("/")[0]


def _summary(model: str) -> dict[str, str]:
    return {"modelId": model, "modelArn": f"arn:aws:bedrock:us-west-2::foundation-model/{model}"}


def _refusal(code: str, message: str) -> Answer:
    headers = (("x-amzn-ErrorType", code),)
    return Answer.of({"message": message}, status=_STATUS[code], headers=headers)
