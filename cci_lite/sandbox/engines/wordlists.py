"""The English words the rules know, as sets. Imports nothing."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ARTICLES = _words("a an the my your our his her their this that these those")
NUMBERS = _words("one two three four five six seven eight nine ten hundred first second third next last")

# Words that never stand in a key phrase: function words, verbs and fillers of a call.
NOT_IN_PHRASES = _words("""
    about after again all also always am and angry any are arrive arrived as ask asked at back be because been before
    being but buy by call called calling came can cannot change charge charged check come could day days did do does
    done email entered even ever every everything fine for from get give go going gone good goodbye got great had happy
    has have he hello help here hey him hope how i if in into is it its just keep know late early let like look made
    make may me might mine more most much must need needed never nice helpful no not now of off okay ok on once only or
    order ordered out over pay paid please put really receive received refund right said same say see send sent she
    show so some something sorry still such sure take tell than thank thanks them then there they thing think to today
    tonight tomorrow too try twice up us very wait waited waiting want wanted was way we welcome well went were what
    when where which while who why will wish with work works would wrong yes yesterday yet you
    i'm it's don't can't won't didn't i've i'll we'll we've that's there's you're he's she's isn't doesn't wasn't
""")
# Verb and noun alike: in a phrase only behind an article.
NOUN_BEHIND_ARTICLE = _words("order call refund charge help check need look way thing back day email change work")

PLACES = _words("""
    london paris berlin madrid rome dublin edinburgh glasgow manchester birmingham leeds bristol cardiff belfast
    liverpool vienna zurich amsterdam brussels lisbon warsaw prague new york chicago boston seattle england scotland
    wales ireland germany france spain italy europe america britain united kingdom uk usa frankfurt munich hamburg
    oxford cambridge
""")
# Opens a sentence with a capital and names nothing.
OPENERS = _words("""
    a about afternoon all and any anything are as at because but by can can't come could did do does don't evening
    everything fine for from good goodbye great has have he hello her here hey hi his how i i'd i'll i'm i've if in is
    it it's just let let's like look madam may maybe morning my no not now of oh ok okay on one or our perfect pin cvv
    please right she sir so some sorry sure thank thanks that that's the their then there there's these they this those
    today tomorrow tonight was we we'll we're welcome well were what when where which who why will with would yes
    yesterday you you're your
""")
# In a rubric question these say nothing of what is asked.
NOT_IN_QUESTIONS = _words("agent customer call caller does that they with from what when this were have give given")
