"""Draws a slide without words: the source slide as a soft dark ground, the product large before it.

Words are set on it afterwards, in its upper third. Nothing of the source can be read through it.
"""

import random

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from pressrun.engines.sketch.paint import Photo, cover, put_label

#: The ground is drawn so small before it is softened: no word of the source is left.
_COARSE = 36
#: How far apart the edge's colours are in a photo with a plain ground, and what is cut off as such.
_PLAIN, _ALIKE = 26, 34
_LONGEST = 900  # of a product that is cut out, in pixels
#: Of a cut-out, what is left at least and at most where it has found the product.
_LEAST, _MOST = 0.05, 0.92


def paint_scene(
    size: tuple[int, int], scene: Photo, product: Photo | None, chance: random.Random
) -> Image.Image:
    """Paints a slide without words.

    Args:
        size: Width and height in pixels.
        scene: The source slide.
        product: None: the scene alone.
        chance: Decides on crop, light and tilt, so that no two variations look the same.
    """
    image = _ground(size, scene, chance)
    if product:
        _stand(image, product, chance)
    put_label(image, (size[0] * size[1]) ** 0.5 / 134)
    return image


def _ground(size: tuple[int, int], scene: Photo, chance: random.Random) -> Image.Image:
    x, y = (min(1.0, max(0.0, at + chance.uniform(-0.3, 0.3))) for at in scene.focus)
    small = (_COARSE, max(1, round(_COARSE * size[1] / size[0])))
    coarse = cover(scene.pixels, small, (x, y), chance.uniform(1.1, 1.9))
    if chance.random() < 0.5:
        coarse = coarse.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    soft = coarse.filter(ImageFilter.GaussianBlur(2.5))
    vivid = ImageEnhance.Color(soft).enhance(chance.uniform(1.2, 1.7))
    dark = ImageEnhance.Brightness(vivid).enhance(chance.uniform(0.42, 0.62))
    image = dark.resize(size, Image.Resampling.BICUBIC)
    # A pool of light where the product stands.
    light = Image.radial_gradient("L").resize((size[0] * 2, size[1])).point(lambda v: 150 - v // 2)
    left, top = size[0] // 2, -round(size[1] * 0.12)
    pool = ImageChops.offset(light.crop((left, 0, left + size[0], size[1])), 0, -top)
    return Image.composite(ImageEnhance.Brightness(image).enhance(1.7), image, pool)


def _stand(image: Image.Image, product: Photo, chance: random.Random) -> None:
    width, height = image.size
    shape = _cut_out(product.pixels) or _print(product.pixels)
    room = (round(width * chance.uniform(0.68, 0.8)), round(height * 0.46))
    scale = min(room[0] / shape.width, room[1] / shape.height)
    shape = shape.resize(
        (max(1, round(shape.width * scale)), max(1, round(shape.height * scale))),
        Image.Resampling.LANCZOS,
    )
    shape = shape.rotate(chance.uniform(-5, 5), Image.Resampling.BICUBIC, expand=True)
    left = round((width - shape.width) * (0.5 + chance.uniform(-0.25, 0.25)))
    top = round(height * 0.64 - shape.height / 2)
    _cast_shadow(image, shape, (left, top))
    image.paste(shape, (left, top), shape)


def _cast_shadow(image: Image.Image, shape: Image.Image, at: tuple[int, int]) -> None:
    spread = image.width // 14
    mask = Image.new("L", (shape.width + 2 * spread, shape.height + 2 * spread))
    mask.paste(shape.getchannel("A"), (spread, spread))
    small = mask.resize((max(1, mask.width // 6), max(1, mask.height // 6)))
    soft = small.filter(ImageFilter.GaussianBlur(spread / 14)).resize(mask.size)
    place = (at[0] - spread, at[1] - spread + spread // 3)
    image.paste((0, 0, 0), place, soft.point(lambda value: value * 6 // 10))


def _cut_out(photo: Image.Image) -> Image.Image | None:
    """Cuts a product from a plain ground; None where the ground is not plain."""
    image = photo.copy()
    image.thumbnail((_LONGEST, _LONGEST))
    width, height = image.size
    edge = [(x, y) for x in range(0, width, 8) for y in (0, height - 1)]
    edge += [(x, y) for y in range(0, height, 8) for x in (0, width - 1)]
    colours = [image.getpixel(point) for point in edge]
    channels = [sorted(channel) for channel in zip(*colours, strict=True)]
    if any(of[len(of) * 19 // 20] - of[len(of) // 20] > _PLAIN for of in channels):
        return None
    marked, mark = image.copy(), (255, 0, 254)
    for point in edge[:: max(1, len(edge) // 24)]:
        if marked.getpixel(point) != mark:
            ImageDraw.floodfill(marked, point, mark, thresh=_ALIKE)
    away = ImageChops.difference(marked, Image.new("RGB", image.size, mark)).convert("L")
    mask = away.point(lambda value: 255 * (value > 0)).filter(ImageFilter.MedianFilter(5))
    share = mask.histogram()[255] / (width * height)
    box = mask.getbbox()
    if not box or not _LEAST < share < _MOST:
        return None
    image.putalpha(mask.filter(ImageFilter.MinFilter(3)).filter(ImageFilter.GaussianBlur(1)))
    return image.crop(box)


def _print(photo: Image.Image) -> Image.Image:
    """Makes a photo with rounded corners and a light edge, where it cannot be cut out."""
    image = photo.copy()
    image.thumbnail((_LONGEST, _LONGEST))
    edge = max(image.size) // 50
    framed = Image.new("RGB", (image.width + 2 * edge, image.height + 2 * edge), (250, 248, 244))
    framed.paste(image, (edge, edge))
    mask = Image.new("L", (framed.width * 2, framed.height * 2))
    box = (0, 0, mask.width - 1, mask.height - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, 6 * edge, fill=255)
    framed.putalpha(mask.reduce(2))
    return framed
