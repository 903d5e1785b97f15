from .base import MAX_ROWS, ImportCheck
from .household import HouseholdPart
from .linkage import LinkagePart
from .region import RegionPart

#: What a table of each kind brings, in the order in which it is written.
PARTS = {
    "region": (RegionPart,),
    "household": (HouseholdPart,),
    "linkage": (LinkagePart,),
    "household_linkage": (HouseholdPart, LinkagePart),
}
