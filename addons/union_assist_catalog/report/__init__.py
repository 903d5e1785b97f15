from . import catalogue_edition
