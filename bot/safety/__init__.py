"""Risk first: whether a message says that someone may be in danger, and who. Works without Rasa, network or database."""

from bot.safety.assess import Assessor, Risk, RiskLevel, Subject, load_assessor

__all__ = ["Assessor", "Risk", "RiskLevel", "Subject", "load_assessor"]
