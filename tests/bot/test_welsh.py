"""The common Welsh ways of saying that one is in danger are seen by the patterns alone, and everyday Welsh is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.safety.assess import Assessor
from bot.safety.wordlist import read_words

PATTERNS_ALONE = Assessor(read_words(Path("data")))
WAYS = """
dwi isio marw
rwy'n moyn marw
fi moyn lladd fy hun
dwi am ladd fy hun
sai'n moyn byw rhagor
dw i ddim eisiau byw
dwi ddim isio bod yma
dwi ddim isio deffro bore fory
meddwl am hunanladdiad
teimlo'n hunanladdol
dod â'r cyfan i ben
rhoi diwedd ar y cwbl
gorffen fy mywyd
cymryd fy mywyd
byddai pawb yn well hebdda i
bydde'n well tasen i wedi marw
dwi'n faich ar bawb
does dim pwynt byw
dim dyfodol i mi
gobeithio na fydda i'n deffro
isio cysgu am byth
crogi fy hun
neidio oddi ar y bont
fydda i ddim yma wythnos nesa
wedi ffarwelio â'r plant
wedi sgwennu llythyr i'r wraig
isio diflannu am byth
wedi cael digon ar fyw
wedi blino byw
fyddai neb yn sylwi
casáu bod yn fyw
dwi'n barod i fynd
dyw fy mywyd ddim yn werth ei fyw
wedi trio lladd fy hun
torri fy hun eto
brifo fy hun
hunan-niwed
methu cario mlaen
alla i ddim mynd ymlaen
wedi cael digon o bopeth
dim gobaith
wedi cymryd gormod o dabledi
mae'r carcharor isio lladd ei hun
mae fy ngŵr yn fy nharo
ofn mynd adra
poen yn fy mrest
faint o dabledi i ladd fi
jest isio marw
""".strip().splitlines()
EVERYDAY = """
bron â marw isio paned
hyfforddiant atal hunanladdiad ar ddydd Mawrth
lladd amser cyn y shifft nesa
mae'r job ma'n lladd fi
dwi isio physio at fy nghefn
sut mae cael cwnsela
marw o chwerthin yn y cantîn
mae gen i boen cefn ers y cwrs
colli fy nhad trwy hunanladdiad llynedd
dwi wedi blino ar ôl y shifftiau nos
""".strip().splitlines()


def test_there_are_enough_ways() -> None:
    assert len(set(WAYS)) >= 40


@pytest.mark.parametrize("text", WAYS)
def test_danger_is_seen(text: str) -> None:
    assert PATTERNS_ALONE.assess(text).found


@pytest.mark.parametrize("text", EVERYDAY)
def test_everyday_welsh_is_not(text: str) -> None:
    assert not PATTERNS_ALONE.assess(text).found


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("mae'r carcharor isio lladd ei hun", "custody"),
        ("mae fy mab yn torri ei hun", "family"),
        ("dwi isio marw", "self"),
    ],
)
def test_it_is_about_the_right_person(text: str, subject: str) -> None:
    assert PATTERNS_ALONE.assess(text).subject == subject
