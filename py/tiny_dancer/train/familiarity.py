"""The rule for unfamiliar input: surprisal summed over the tokens seen > a + b · tokens seen."""

import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

PROBES = (
    "Wie wird das Wetter morgen in Hamburg, und soll ich einen Regenschirm mitnehmen?",
    "Kannst du mir bitte erklären, warum der Himmel am Abend rot wird?",
    "Pourriez-vous me dire à quelle heure part le prochain train pour Lyon ?",
    "Écris une courte lettre à mon voisin au sujet du bruit de son chien.",
    "¿Cuál es la manera más rápida de llegar al aeropuerto desde el centro?",
    "Explícame la diferencia entre una hipoteca fija y una variable.",
    "Qual è il modo migliore per cucinare le melanzane senza troppo olio?",
    "Escreva um poema curto sobre a chuva que cai no telhado da minha avó.",
    "Hoe kan ik mijn fiets repareren als de ketting steeds van het tandwiel valt?",
    "Hur många sjöar finns det i Sverige och vilken är den djupaste?",
    "Jak mogę szybko nauczyć się języka polskiego przed wyjazdem do Krakowa?",
    "Bugün akşam yemeği için kolay bir tarif önerir misin?",
    "Làm thế nào để nấu phở bò ngon như ngoài hàng?",
    "Miten voin säästää sähköä kotona talven aikana?",
    "asdf qwer zxcv uiop hjkl bnm tyui ghjk vbnm rtyu",
    "xk7Qp zzv9 wLmT3 pqqrt bbvx9 0kkdj trwq mmnzx qpow",
)
"""Written for this rule: other languages in Latin letters, and keys hit at random."""

HIT_RATE = 0.005
"""Share of training prompts that the rule may hit."""


def fitted(
    surprisal: npt.NDArray[np.int64],
    seen: npt.NDArray[np.int64],
    probe_surprisal: npt.NDArray[np.int64],
    probe_seen: npt.NDArray[np.int64],
    rate: float = HIT_RATE,
) -> tuple[float, float]:
    """Return (a, b), in 1/8 bit.

    Of all lines that hit `rate` of the prompts [N], the one hitting most probes, then the one with
    the widest margin to them; a ≥ 0, so that one rare word of a short prompt is forgiven.
    """
    best = (-1.0, -np.inf, 0.0, 0.0)
    for b in np.arange(60.0, 130.0, 1.0):
        a = max(float(np.quantile(surprisal - b * seen, 1 - rate)), 0.0)
        margin = (probe_surprisal - a - b * probe_seen) / np.sqrt(probe_seen)
        best = max(best, (float((margin > 0).mean()), float(np.median(margin)), a, float(b)))
    return float(np.ceil(best[2])), best[3]


def sentences(prompts: Sequence[str], seed: int, count: int = 4_000) -> list[str]:
    """Return single lines cut from the prompts: short English text for the rule to let pass."""
    draw = random.Random(seed)
    lines = [line.strip() for p in prompts for line in p.split("\n")]
    usable = [line for line in lines if 12 <= len(line) <= 120 and line.isascii()]
    return draw.sample(usable, min(count, len(usable)))
