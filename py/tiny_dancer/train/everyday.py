"""Requests as people make them, and what is assumed about them: not measured, and said so.

The labelled sources are exams. Without these a question of the kind that any model answers reads as
half an exam question and goes to the powerful model. Plain requests are assumed to be answered well
by either model nearly always; expert ones, by the light model less often than not.
"""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from .everyday_corpus import EverydayRequest, family_folds, read_everyday
from .labels import LabelledPrompts

PLAIN, EXPERT = (0.93, 0.97), (0.3, 0.75)
"""Assumed chance that the light and the powerful model answer well."""

_LISTS = {
    "country": "Norway Japan Peru Kenya Greece Canada Egypt Portugal Thailand Ireland",
    "city": "Lisbon Oslo Boston Kyoto Nairobi Vienna",
    "word": "generous fragile ancient curious reluctant cheerful stubborn humble",
    "language": "German Spanish Italian French",
    "dish": "pancakes lentil_soup banana_bread guacamole omelettes porridge",
    "thing": "a_bicycle a_rice_cooker a_blanket a_houseplant a_coffee_machine a_tent",
    "person": "my_manager my_neighbour my_teacher a_friend my_dentist the_landlord",
    "event": "a_birthday_party a_picnic a_dinner moving_house a_weekend_trip a_school_play",
    "animal": "cats penguins bees whales owls horses",
    "work": "Macbeth Emma Frankenstein Don_Quixote Dracula Oliver_Twist",
    "invention": "the_telephone the_light_bulb penicillin the_printing_press the_piano",
    "number": "6 8 12 15 24",
    "tool": "Excel Word a_spreadsheet my_phone Gmail",
    "code": "a_list_in_Python a_string_in_JavaScript an_array_in_Java a_file_in_Python",
    "theorem": "the_spectral_theorem Hensel's_lemma the_Baire_category_theorem Sylow's_theorem "
    "the_prime_number_theorem the_open_mapping_theorem Noether's_theorem",
    "space": "a_Banach_space a_compact_manifold a_Noetherian_ring a_Hilbert_space a_finite_field",
    "system": "a_lock-free_hash_map a_garbage_collector a_SAT_solver a_Paxos_replica "
    "a_JIT_compiler a_write-ahead_log",
    "systems-language": "Rust C++ Haskell",
    "model": "the_Ising_model the_Navier_Stokes_equations a_birth-death_process the_Kerr_metric "
    "the_Heston_model",
}

_PLAIN = (
    "What is the capital of {country}?",
    "Which language do people speak in {country}?",
    "what's the currency of {country}",
    "Name three things to see in {city}.",
    "How far is {city} from the sea?",
    "What does {word} mean?",
    "Give me a synonym for {word}.",
    "Use the word {word} in a sentence.",
    "How do you say thank you in {language}?",
    "Translate to {language}: where is the train station?",
    "how do I make {dish}",
    "What goes well with {dish}?",
    "How do I clean {thing}?",
    "Write a short ad for {thing} that I am selling.",
    "Write a friendly note to {person} to say thanks.",
    "Draft a polite email to {person} asking for a new date.",
    "Help me plan {event}.",
    "Make a checklist for {event}.",
    "Tell me a fun fact about {animal}.",
    "What do {animal} eat?",
    "Who wrote {work}?",
    "Summarise {work} in two sentences.",
    "Who invented {invention}?",
    "What is {number} times {number}?",
    "How many minutes are in {number} hours?",
    "How do I add a table in {tool}?",
    "How do I print {code}?",
    "Write a haiku about {animal}.",
    "hello, can you help me with {event}?",
    "Rewrite this more politely: {person} never answers me.",
    "Correct the grammar: he go to {city} yesterday.",
)
_EXPERT = (
    "Prove {theorem}.",
    "State and prove {theorem}, and show where each hypothesis is used.",
    "Give a counterexample to the converse of {theorem}.",
    "Show that every bounded operator on {space} has this property or find one without it.",
    "Classify the ideals of {space}.",
    "Implement {system} in {systems-language}.",
    "Design {system} and argue that it is linearizable under crashes.",
    "Find the race condition in {system} written in {systems-language}.",
    "Derive the stationary solutions of {model}.",
    "Compute the critical exponents of {model} to second order.",
    "Derive {model} from first principles.",
)


def _filled(form: str) -> Iterator[str]:
    names = [name for name in _LISTS if "{" + name + "}" in form]
    choices = [_LISTS[name].split() for name in names]
    for chosen in product(*choices):
        text = form
        for name, word in zip(names, chosen, strict=True):
            text = text.replace("{" + name + "}", word.replace("_", " "))
        yield text


def requests() -> tuple[list[str], list[str]]:
    """Return the plain and the expert requests."""
    return [t for form in _PLAIN for t in _filled(form)], [t for f in _EXPERT for t in _filled(f)]


SMALL_TALK = frozenset({"greeting", "thanks", "chat", "emoji", "word"})
SMALL_TALK_WEIGHT = 8.0
"""Of requests of these kinds beside others: a few tokens move a state the least."""

HELD_OUT_FOLD = 0
"""Families of the corpus in this fold are never trained on: agreement is measured on them."""


def corpus_rows(held_out: bool) -> tuple[EverydayRequest, ...]:
    """Return the corpus's requests of the families to train on, or of those held out."""
    requests = read_everyday()
    fold = family_folds(requests)
    return tuple(
        request
        for request, k in zip(requests, fold, strict=True)
        if (k == HELD_OUT_FOLD) == held_out
    )


def foreign_requests() -> list[str]:
    """Return the corpus's requests to train on that are not English."""
    return [r.text for r in corpus_rows(held_out=False) if r.language != "en"]


def assumed(sources: Sequence[str]) -> LabelledPrompts:
    """Return the requests with their assumed qualities, dealt out to the sources in turn.

    The forms of this file and the corpus (docs/everyday.md); the subject is a request's family, a
    form's own text. No source of its own: its offset would take up all that is assumed.
    """
    plain, expert = requests()
    written = corpus_rows(held_out=False)
    prompts = (*plain, *expert, *(request.text for request in written))
    light = [*[1] * len(plain), *[0] * len(expert), *(request.light for request in written)]
    family = (*plain, *expert, *(request.family for request in written))
    n = len(prompts)
    weight = np.ones(n, np.float32)
    weight[n - len(written) :][[r.kind in SMALL_TALK for r in written]] = SMALL_TALK_WEIGHT
    return LabelledPrompts(
        prompts,
        np.array([PLAIN if well else EXPERT for well in light], np.float32),
        family,
        tuple(sources[k % len(sources)] for k in range(n)),
        weight,
    )
