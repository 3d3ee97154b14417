"""An article that a person has read and answers for: its files, made again from what was delivered.

No model is asked: the delivered JSON and pictures have all that the files are made of.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from pressrun.errors import InputError
from pressrun.kinds.article.files import Approval, Article, files_of
from pressrun.kinds.article.pictures.placing import ArticlePictures, name_of
from pressrun.kinds.article.prompt import ArticleAnswer
from pressrun.kinds.base import Output


def approved(
    data: bytes,
    spec: Mapping[str, Any],
    settings: Mapping[str, Any],
    by: str,
    day: str,
    pictures: Sequence[Output] = (),
) -> list[Output]:
    """Makes the files of an article with the name of who approved it.

    Args:
        data: The article's JSON, as it was delivered.
        spec: Of its item.
        settings: Of its batch.
        by: Who read it.
        day: When, ISO 8601.
        pictures: Of the article, as they were delivered.

    Raises:
        InputError: It is no article of this version's, or is approved already.
    """
    content = json.loads(data)
    try:
        answer = ArticleAnswer.model_validate(content)
    except ValidationError as error:
        raise InputError("Its JSON is no article. Make it again.", kind="bad_article") from error
    if before := content.get("reviewed_by"):
        raise InputError(f"{before} approved it on {content['reviewed_at']}.", kind="approved")
    article = Article(
        content["batch"],
        content["item"],
        dict(spec),
        dict(settings),
        answer,
        content["words"],
        tuple(map(tuple, content["faults_of_earlier_answers"])),
        content["cost_usd"],
        tuple(content.get("warnings", ())),
        Approval(by, day),
        ArticlePictures(
            tuple(content.get("pictures", ())),
            tuple(replace(one, path=name_of(one.path)) for one in pictures),
        ),
    )
    return files_of(article)
