"""Small talk around a question: it makes a prompt longer and no harder.

Copies of training prompts get some of it, so that length alone does not make a prompt hard.
"""

import random

BEFORE = (
    "Hi there, I hope you are having a pleasant day.",
    "Good morning! It is raining here and I am sitting in the kitchen with a cup of tea.",
    "My sister and I were talking about this over dinner last night.",
    "I have been meaning to ask somebody about this for a while.",
    "We just came back from a walk with the dog, and now there is finally some time.",
    "Thank you for your help last week, it was very useful.",
    "I am writing from the train, so please excuse any typing mistakes.",
    "A friend at work brought this up during the coffee break.",
    "The children are at school and the house is quiet for once.",
    "There is no hurry at all, take whatever time you need.",
    "I saw something like this on the television the other evening.",
    "My neighbour told me that you would be happy to help.",
    "This is for a little get-together that we are having on Saturday.",
    "I looked for my old notebook but could not find it anywhere.",
    "It is not important, I am only curious.",
    "We moved into a new flat in March and the boxes are still in the hall.",
    "Before I forget, the weather has been lovely and the garden is full of flowers.",
    "My grandmother always said that asking costs nothing.",
    "I am planning to share the answer with two friends from my choir.",
    "Sorry for the long message, I tend to write the way I speak.",
)
AFTER = (
    "Thanks a lot in advance!",
    "A friendly tone would be nice.",
    "Just answer in your own words, please.",
    "That is all, have a lovely afternoon.",
    "I will read it on the bus later.",
    "Many thanks, and greetings to everyone.",
    "Please tell me if anything in here is unclear.",
    "My sister says hello, too.",
)


def wrapped(question: str, draw: random.Random) -> str:
    """Return the question with one to six sentences of small talk before and at times after it."""
    start = draw.sample(BEFORE, draw.randint(1, 6))
    end = draw.sample(AFTER, draw.randint(0, 2))
    return " ".join([*start, question, *end])
