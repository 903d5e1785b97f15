from . import catalogue_decision
