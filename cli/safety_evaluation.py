"""Measures how risk is seen: recall by tier, false alarms by kind of look-alike, and who it is about, with 95% intervals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from bot.safety import Assessor, Risk, load_assessor
from bot.safety.examples import Example, read_example_file
from cli.readings import Readings

PUBLIC_FILES = ("crisis_dev.jsonl", "wellbeing.jsonl")
CHALLENGE = "challenge"
COMMON = ("idiom", "everyday")


@dataclass(frozen=True)
class Share:
    """`right` of `total`."""

    right: int
    total: int

    def __str__(self) -> str:
        if not self.total:
            return "none"
        low, high = binomtest(self.right, self.total).proportion_ci(method="wilson")
        return f"{self.right:5} of {self.total:5}  {self.right / self.total:6.1%}  (95%: {low:.1%} to {high:.1%})"


def evaluate_safety(data: Path, folder: Path, public: Path | None = None, wrong: Path | None = None) -> str:
    """The tables as text. `wrong` receives the project's own sentences that went wrong, never those of the public sets."""
    assessor = load_assessor(data)
    readings = Readings(folder)
    lines: list[str] = []
    missed: list[str] = []
    together: list[tuple[Example, Risk, bool]] = []
    for file in sorted(folder.glob("*.yml")):
        examples = read_example_file(file)
        found = [assessor.assess(example.text) for example in examples]
        plain = [bool(read and read.both_see_danger) for read in (readings.of(file.stem, one.text) for one in examples)]
        lines += [f"{file.name}: {len(examples)} sentences", *_own_tables(examples, found, plain)]
        lines += [f"  {'classifier alone, area under curve':36} {_area(examples, assessor):.3f}", ""]
        missed += _wrong(file.name, examples, found)
        if file.stem != CHALLENGE:
            together += zip(examples, found, plain, strict=True)
    if together:
        lines += [f"all of these but {CHALLENGE}.yml: {len(together)} sentences"]
        lines += [*_own_tables(*map(list, zip(*together, strict=True))), ""]
    if public:
        lines += _public_tables(assessor, public, readings)
    if wrong:
        wrong.write_text("\n".join(missed) + "\n", encoding="utf-8")
    return "\n".join(lines)


def _own_tables(examples: Sequence[Example], found: Sequence[Risk], plain: Sequence[bool]) -> list[str]:
    """`plain` says in which sentences two more readers saw danger too."""
    pairs = list(zip(examples, found, strict=True))
    plainly = [pair for pair, is_plain in zip(pairs, plain, strict=True) if is_plain and pair[0].at_risk]
    at_risk = [(example, risk) for example, risk in pairs if example.at_risk]
    harmless = [(example, risk) for example, risk in pairs if not example.at_risk]
    about = [(example, risk) for example, risk in at_risk if risk.found]
    return [
        *_table("seen, by tier", at_risk, lambda example: str(example.group.tier), lambda risk: risk.found),
        *_table(
            "seen, where two readers did too", plainly, lambda example: str(example.group.tier), lambda risk: risk.found
        ),
        *_table("seen, by kind", at_risk, lambda example: str(example.group.kind), lambda risk: risk.found),
        f"  {'seen as high or emergency':32} {_share(risk.urgent for _, risk in at_risk)}",
        f"  {'kind right, of those seen':32} {_share(r.kind == e.group.kind for e, r in about)}",
        f"  {'subject right, of those seen':32} {_share(r.subject == e.group.subject for e, r in about)}",
        *(
            f"    {subject:30} {_share(r.subject == e.group.subject for e, r in about if e.group.subject == subject)}"
            for subject in dict.fromkeys(str(e.group.subject) for e, _ in about)
        ),
        *_table("false alarms", harmless, lambda example: str(example.group.look_alike), lambda risk: risk.found),
        f"  {'  of these high or emergency':32} {_share(risk.urgent for _, risk in harmless)}",
        f"  {'  idiom and everyday together':32} {_share(r.found for e, r in harmless if e.group.look_alike in COMMON)}",
        f"  {'    of these high or emergency':32} {_share(r.urgent for e, r in harmless if e.group.look_alike in COMMON)}",
        f"  {'Welsh, seen':32} {_share(r.found for e, r in at_risk if e.group.language == 'cy')}",
    ]


def _table(
    title: str,
    pairs: Sequence[tuple[Example, Risk]],
    sort_of: Callable[[Example], str],
    counted: Callable[[Risk], bool],
) -> list[str]:
    sorts = list(dict.fromkeys(sort_of(example) for example, _ in pairs))
    rows = [f"  {title:32} {_share(counted(risk) for _, risk in pairs)}"]
    for sort in sorts:
        rows.append(f"    {sort:30} {_share(counted(risk) for example, risk in pairs if sort_of(example) == sort)}")
    return rows


def _share(outcomes: Iterable[bool]) -> Share:
    listed = list(outcomes)
    return Share(sum(listed), len(listed))


def _area(examples: Sequence[Example], assessor: Assessor) -> float:
    """How well the classifier's chances tell the two apart: 1 is perfectly, 0.5 not at all."""
    chances = [assessor.chance(example.text) for example in examples]
    return float(roc_auc_score([example.at_risk for example in examples], chances))


def _wrong(name: str, examples: Sequence[Example], found: Sequence[Risk]) -> list[str]:
    rows = []
    for example, risk in zip(examples, found, strict=True):
        group = example.group
        if example.at_risk != risk.found:
            rows.append(f"{name}\t{group.tier or group.look_alike}\t{risk.level}\t{example.text}")
        elif risk.found and risk.subject != group.subject:
            rows.append(f"{name}\tsubject {group.subject}\t{risk.subject}\t{example.text}")
    return rows


def _public_tables(assessor: Assessor, folder: Path, readings: Readings) -> list[str]:
    crisis, wellbeing = ([(row, assessor.assess(row["text"])) for row in _rows(folder / name)] for name in PUBLIC_FILES)
    at_risk = [(row, risk) for row, risk in crisis if int(row["label"]) == 1]
    tiers = sorted({row["tier"] for row, _ in at_risk})
    return [
        f"crisis_dev: {len(crisis)} public rows",
        f"  {'seen':32} {_share(risk.found for _, risk in at_risk)}",
        *(f"    {tier:30} {_share(risk.found for row, risk in at_risk if row['tier'] == tier)}" for tier in tiers),
        *_alarms("crisis_dev", [pair for pair in crisis if int(pair[0]["label"]) == 0], readings),
        f"wellbeing: {len(wellbeing)} public questions, labelled as not at risk",
        *_alarms("wellbeing", wellbeing, readings),
    ]


def _alarms(name: str, harmless: Sequence[tuple[dict[str, str], Risk]], readings: Readings) -> list[str]:
    """False alarms by the set's own label, and what the two readers said of the same rows."""
    read = [(readings.of(name, row["text"]), risk) for row, risk in harmless]
    to_both = [risk for reading, risk in read if reading and reading.both_see_none]
    danger = [risk for reading, risk in read if reading and reading.both_see_danger]
    doubted = [r for reading, r in read if reading and not reading.both_see_none and not reading.both_see_danger]
    return [
        f"  {'false alarms':32} {_share(risk.found for _, risk in harmless)}",
        f"  {'  of these high or emergency':32} {_share(risk.urgent for _, risk in harmless)}",
        f"  {'alarms, harmless to two readers':32} {_share(risk.found for risk in to_both)}",
        f"  {'  of these high or emergency':32} {_share(risk.urgent for risk in to_both)}",
        f"  {'alarms, in doubt to a reader':32} {_share(risk.found for risk in doubted)}",
        f"  {'alarms, danger to two readers':32} {_share(risk.found for risk in danger)}",
    ]


def _rows(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
