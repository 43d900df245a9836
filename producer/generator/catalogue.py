"""What the shop sells: invented products, their prices and how they are bought.

Downstream: ``producer.generator.baskets``.
"""

import itertools
import math
from dataclasses import dataclass
from random import Random

PRODUCTS = 3800
"""As many as a gift wholesaler lists in a year."""

_FINISHES = (
    "SAGE", "AMBER", "INDIGO", "CHALK", "COPPER", "MOSS", "PLUM", "TEAL", "RUSTIC", "GLAZED",
    "WOVEN", "PAINTED", "FOLDING", "LITTLE", "LARGE", "SET OF 3", "SET/6", "PACK OF 12",
)  # fmt: skip
_MOTIFS = (
    "HARE", "ACORN", "FEATHER", "LIGHTHOUSE", "BRAMBLE", "SWALLOW", "TARTAN", "CLOVER",
    "HERRINGBONE", "ANCHOR", "MEADOW", "PEBBLE", "FERN", "COMET", "ORCHARD", "SEASHELL",
)  # fmt: skip
_THINGS = (
    "MUG", "TEA CADDY", "APRON", "OVEN GLOVE", "BREAD BIN", "DOOR WEDGE", "COASTER", "PHOTO CLIP",
    "TRINKET BOX", "BUNTING", "CANDLE JAR", "SOAP DISH", "NOTEBOOK", "PENCIL TIN", "KEY HOOK",
    "EGG CUP", "CAKE SLICE", "PLANT LABEL, METAL", "SHOPPING TOTE", "HAND WARMER", "WALL HOOK ",
    "JIGSAW", '7" PLATE ', "LAMP SHADE", "CUSHION COVER", "GIFT WRAP", "RIBBON REEL", "BIRD FEEDER",
)  # fmt: skip

_PENCE = (19, 29, 39, 42, 55, 65, 85, 125, 145, 165, 195, 210, 255, 295, 375, 425, 495, 595, 795,
          850, 995, 1275, 1495, 1695, 2495)  # fmt: skip
_PENCE_WEIGHTS = (2, 4, 6, 9, 5, 5, 11, 14, 6, 12, 7, 7, 6, 9, 5, 3, 5, 3, 3, 2, 2, 1, 1, 0.6, 0.3)

_QUANTITIES = (
    (70, (12, 24, 24, 25, 48, 10, 12, 6, 1, 2, 36, 100)),
    (200, (12, 12, 12, 6, 10, 24, 8, 4, 2, 1, 20, 3)),
    (500, (6, 6, 4, 12, 3, 2, 1, 8, 2, 6)),
    (10_000, (1, 1, 2, 2, 3, 4, 6)),
)
"""Units a trade customer takes, by the price in pence they are below."""

_SHARE_OF_FAMILIES = 0.08

_WEB_FACTOR = 1.96
"""A private customer pays tax and the shop's margin on top."""


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """Something on the price list.

    Attributes:
        code: Stock code: five digits, some with a letter or two; a few of another kind.
        description: Its name; some hold commas, quotes or a blank at the end.
        price: Trade price as text.
        web_price: Price for private customers.
        quantities: Units that trade customers take, each as likely.
    """

    code: str
    description: str
    price: str
    web_price: str
    quantities: tuple[int, ...]


class Catalogue:
    """All products, some of them much more wanted than others."""

    def __init__(self) -> None:
        self.products = tuple(_products(Random("catalogue")))
        self._weights = list(itertools.accumulate(map(_popularity, range(PRODUCTS))))

    def draw(self, random: Random, count: int) -> list[Product]:
        """So many different products, the most wanted ones likeliest."""
        drawn: dict[Product, None] = {}
        while len(drawn) < count:
            more = random.choices(self.products, cum_weights=self._weights, k=count - len(drawn))
            drawn.update(dict.fromkeys(more))
        return list(drawn)


def price_text(pence: float) -> str:
    """Pence as a decimal number with one place at least, up to three: ``2.1``, ``0.001``."""
    text = f"{pence / 100:.3f}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def _products(random: Random) -> list[Product]:
    names = [" ".join(words) for words in itertools.product(_FINISHES, _MOTIFS, _THINGS)]
    chosen = random.sample(names, PRODUCTS)
    return [_product(*both, random) for both in zip(_codes(random), chosen, strict=True)]


def _product(code: str, name: str, random: Random) -> Product:
    (pence,) = random.choices(_PENCE, _PENCE_WEIGHTS)
    quantities = next(choices for below, choices in _QUANTITIES if pence < below)
    return Product(code, name, price_text(pence), price_text(int(pence * _WEB_FACTOR)), quantities)


def _codes(random: Random) -> "itertools.chain[str]":
    """Odd ones first, then five digits, of which some families differ in a letter."""
    odd = [f"DCGS{number:04d}" for number in range(3, 9)] + ["DCGSSBOY", "DCGSSGIRL"]
    numbers = random.sample(range(30_000, 60_000), PRODUCTS)
    families = (_family(number, random) for number in numbers)
    shuffled = list(itertools.chain.from_iterable(families))[: PRODUCTS - len(odd)]
    random.shuffle(shuffled)
    return itertools.chain(shuffled[: PRODUCTS // 2], odd, shuffled[PRODUCTS // 2 :])


def _family(number: int, random: Random) -> list[str]:
    """One code, or several of one design in different colours."""
    if random.random() < _SHARE_OF_FAMILIES:
        return [f"{number}{letter}" for letter in random.choice(("AB", "ABC", "BFS", ("G", "BL")))]
    return [str(number)]


def _popularity(rank: int) -> float:
    """Fitted to a real shop: 10 products make 4 % of the lines, 500 half, 2,000 nearly all."""
    return math.exp2(-rank / 500) * (1 + 3 / (1 + rank / 12))
