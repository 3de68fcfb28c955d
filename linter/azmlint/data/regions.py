"""The regions of Azure; new ones come, so that one can be missing here.

Sources: MicrosoftDocs/reliability-docs, Azure regions list (23 September 2025), for the public
cloud; what Azure/azure-sdk-for-net (AzureLocation) and Azure/bicep-registry-modules (August 2026)
name beside it, of sovereign clouds, of tests and of what is open to few; and the closed clouds.
"""

from __future__ import annotations

from typing import Final

REGIONS: Final = frozenset({
    "australiacentral", "australiacentral2", "australiaeast", "australiasoutheast", "austriaeast",
    "belgiumcentral", "brazilsouth", "brazilsoutheast", "canadacentral", "canadaeast",
    "centralindia", "centralus", "centraluseuap", "chilecentral", "chinaeast", "chinaeast2",
    "chinaeast3", "chinanorth", "chinanorth2", "chinanorth3", "denmarkeast", "eastasia", "eastus",
    "eastus2", "eastus2euap", "francecentral", "francesouth", "germanynorth",
    "germanywestcentral", "indonesiacentral", "israelcentral", "italynorth", "japaneast",
    "japanwest", "jioindiacentral", "jioindiawest", "koreacentral", "koreasouth", "malaysiawest",
    "mexicocentral", "newzealandnorth", "northcentralus", "northeurope", "norwayeast",
    "norwaywest", "polandcentral", "qatarcentral", "southafricanorth", "southafricawest",
    "southcentralus", "southeastasia", "southindia", "spaincentral", "swedencentral",
    "swedensouth", "switzerlandnorth", "switzerlandwest", "taiwannorth", "taiwannorthwest",
    "uaecentral", "uaenorth", "uksouth", "ukwest", "usdodcentral", "usdodeast", "usgovarizona",
    "usgovtexas", "usgovvirginia", "usnateast", "usnatwest", "usseceast", "ussecwest",
    "ussecwestcentral", "westcentralus", "westeurope", "westindia", "westus", "westus2", "westus3",
})  # fmt: skip


def nearest_region(name: str) -> str | None:
    """Name the region that is spelled most like `name`; None when nothing is close."""
    from difflib import get_close_matches  # noqa: PLC0415  # only misspelt names need it

    close = get_close_matches(name, sorted(REGIONS), cutoff=0.8)
    # Few begin with the wrong letter: of `estus` eastus is meant, not westus, which is as near.
    return next((c for c in close if c[0] == name[0]), close[0] if close else None)
