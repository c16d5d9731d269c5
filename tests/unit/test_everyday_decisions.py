"""What the shipped bundle does with what people type: small talk light, experts' questions not.

None of these stands in the project's own corpus in these words together; the labels are assumed.
"""

import pytest

from tiny_dancer import Router

SMALL_TALK = {
    "en": ("hi", "Hi", "hello!", "HELLO", "OK", "thanks", "Thank you!", "How are you?"),
    "de": ("hallo", "Guten Morgen!", "danke", "vielen Dank!"),
    "es": ("hola", "buenos días", "gracias", "¡muchas gracias!"),
    "fr": ("salut", "bonjour", "merci", "merci beaucoup !"),
    "pt": ("oi", "bom dia", "obrigado", "muito obrigada!"),
    "it": ("ciao", "buongiorno", "grazie", "grazie mille!"),
    "zh": ("你好", "早上好", "谢谢", "非常感谢！"),
    "ja": ("こんにちは", "おはようございます", "ありがとう", "どうもありがとうございます！"),
    "hi": ("नमस्ते", "सुप्रभात", "धन्यवाद", "बहुत बहुत धन्यवाद!"),
    "ar": ("مرحبا", "صباح الخير!", "شكرا", "شكرا جزيلا!"),
    "ru": ("привет", "Доброе утро!", "спасибо", "большое спасибо!"),
}
EXPERT = {
    "en": "Design a multi-region payment ledger that stays consistent during a network partition.",
    "de": "Entwirf eine ausfallsichere Architektur für ein Zahlungssystem über drei Rechenzentren.",
    "es": "Demuestra que la raíz de dos es irracional y generaliza a cualquier número primo.",
    "fr": "Démontrez que tout anneau intègre fini est un corps.",
    "pt": "Projete uma arquitetura distribuída de pagamentos com consistência forte entre regiões.",
    "it": "Dimostra che esistono infiniti numeri primi della forma 4k+3.",
    "zh": "设计一个跨三个数据中心的高可用支付系统架构，并说明一致性与延迟之间的取舍。",
    "ja": "4k+3の形の素数が無限に存在することを証明してください。",
    "hi": "तीन डेटा सेंटरों में फैले भुगतान तंत्र की वास्तुकला तैयार करो और समझौते समझाओ।",
    "ar": "صمم بنية نظام مدفوعات موزع عبر ثلاثة مراكز بيانات واشرح المفاضلة بين الاتساق والتأخير.",
    "ru": "Докажите, что простых чисел вида 4k+3 бесконечно много.",
}


@pytest.fixture(scope="module")
def router() -> Router:
    return Router()


@pytest.mark.parametrize("language", SMALL_TALK)
def test_greetings_and_thanks_are_light_in_every_language(router, language) -> None:
    found = {text: router.route(text) for text in SMALL_TALK[language]}
    assert [text for text, r in found.items() if not r.use_lightweight] == []


@pytest.mark.parametrize("language", EXPERT)
def test_an_experts_question_is_powerful_in_every_language(router, language) -> None:
    assert not router.route(EXPERT[language]).use_lightweight
