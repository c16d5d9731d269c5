"""The rule for unfamiliar input: surprisal summed over the tokens seen > a + b · tokens seen."""

import random
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

PROBES = (
    "Hoe kan ik mijn fiets repareren als de ketting steeds van het tandwiel valt?",
    "Hur många sjöar finns det i Sverige och vilken är den djupaste?",
    "Jak mogę szybko nauczyć się języka polskiego przed wyjazdem do Krakowa?",
    "Bugün akşam yemeği için kolay bir tarif önerir misin?",
    "Làm thế nào để nấu phở bò ngon như ngoài hàng?",
    "Miten voin säästää sähköä kotona talven aikana?",
    "Πώς μπορώ να μάθω ελληνικά γρήγορα πριν από το ταξίδι;",
    "איך אפשר ללמוד עברית מהר לפני הנסיעה?",
    "ช่วยแนะนำร้านอาหารอร่อยใกล้สถานีรถไฟหน่อยได้ไหม",
    "기차역 근처에 있는 맛있는 식당을 추천해 주시겠어요?",
    "asdf qwer zxcv uiop hjkl bnm tyui ghjk vbnm rtyu",
    "xk7Qp zzv9 wLmT3 pqqrt bbvx9 0kkdj trwq mmnzx qpow",
    "aGVsbG8gd29ybGQgdGhpcyBpcyBiYXNlNjQ gZW5jb2RlZA dGV4dCBmb3I",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
)
"""Written for this rule: languages that the bundle does not read, keys hit at random, codes."""

FAMILIAR = (
    "Could you help me plan a birthday party for my daughter?",
    "what time does the bakery usually close",
    "Remind me how to reset a forgotten wifi password",
    "Which of my socks match these blue trousers?",
    "give me a recipe for pancakes without eggs",
    "Who painted the Mona Lisa?",
    "My printer keeps jamming, any ideas?",
    "translate hello my friend into German",
    "tall glass of lemonade",
    "List the files in a folder with Python",
    "Why do cats purr?",
    "Rewrite this politely: send me the money now",
    "when did the Berlin wall fall",
    "best hiking shoes under fifty dollars",
    "Is it going to rain tomorrow in Seattle?",
    "Explain photosynthesis to a child",
    "git undo last commit",
    "thanks, that was helpful!",
    "How long should I roast a chicken?",
    "Write a tweet about our bake sale on Saturday",
    "sort these names alphabetically: Zoe, Adam, Mia",
    "Debug: TypeError: cannot read property of undefined",
    "hello",
    "summarize the plot of Hamlet",
    "Proofread my cover letter",
    "are sharks mammals",
    "cheap flights from Boston to Denver",
    "Kubernetes pod keeps restarting with CrashLoopBackOff",
    "Photosynthesis?",
    "Draft an email to HR about parental leave",
)
"""Written for this rule: everyday English, none of which it may hit."""

HIT_RATE = 0.005
"""Share of training prompts that the rule may hit."""

FOREIGN_RATE = 0.01
"""The same of requests in the languages that the bundle reads beside English."""


Counts: TypeAlias = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
"""([N] surprisal summed over the tokens seen in 1/8 bit, [N] tokens seen) of N prompts."""


def fitted(
    trained: Counts,
    familiar: Counts,
    strange: Counts,
    rate: float = HIT_RATE,
    foreign: Counts | None = None,
) -> tuple[float, float]:
    """Return (a, b), in 1/8 bit.

    Of all lines that hit at most `rate` of the training prompts, `FOREIGN_RATE` of the foreign
    requests and nothing familiar, the one hitting most strange ones, then the one with the widest
    margin to them; a ≥ 0, so that one rare word of a short prompt is forgiven.
    """
    best = (-1.0, -np.inf, 0.0, 0.0)
    for b in np.arange(60.0, 170.0, 1.0):
        over = trained[0] - b * trained[1]
        a = max(float(np.quantile(over, 1 - rate)), float((familiar[0] - b * familiar[1]).max()), 0)
        if foreign is not None and len(foreign[0]):
            a = max(a, float(np.quantile(foreign[0] - b * foreign[1], 1 - FOREIGN_RATE)))
        margin = (strange[0] - a - b * strange[1]) / np.sqrt(strange[1])
        best = max(best, (float((margin > 0).mean()), float(np.median(margin)), a, float(b)))
    return float(np.ceil(best[2])), best[3]


def sentences(prompts: Sequence[str], seed: int, count: int = 4_000) -> list[str]:
    """Return single lines cut from the prompts: short English text for the rule to let pass."""
    draw = random.Random(seed)
    lines = [line.strip() for p in prompts for line in p.split("\n")]
    usable = [line for line in lines if 12 <= len(line) <= 120 and line.isascii()]
    return draw.sample(usable, min(count, len(usable)))
