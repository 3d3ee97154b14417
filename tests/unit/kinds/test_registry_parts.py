"""What the registry says of kinds without importing them whole."""

from pressrun.kinds.registry import find_kind, find_recipe, has_models_apart, kind_names


def test_the_registry_says_of_each_kind_what_the_kind_says() -> None:
    for name in kind_names():
        assert has_models_apart(name) == (find_kind(name).model_of is not None)
        assert find_recipe(name) is find_kind(name).recipe
