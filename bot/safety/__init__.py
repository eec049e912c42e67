"""Risk first: whether a message says that someone may be in danger, and who. Works without Rasa, network or database."""

from bot.safety.assess import Assessor, load_assessor
from bot.safety.risk import Kind, Risk, RiskLevel, Subject

__all__ = ["Assessor", "Kind", "Risk", "RiskLevel", "Subject", "load_assessor"]
