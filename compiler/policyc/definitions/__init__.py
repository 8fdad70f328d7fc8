"""Administrative templates (ADMX with ADML): from a policy's name to what Group Policy would write."""

from policyc.definitions.library import Library, Missing, Named, OpenShelf, Shelf, Writer
from policyc.definitions.options import Misfit
from policyc.definitions.template import Option, Policy, Scope, Template
from policyc.definitions.unfolding import Part, State, Unfolding, unfolding

__all__ = [
    "Library",
    "Misfit",
    "Missing",
    "Named",
    "OpenShelf",
    "Option",
    "Part",
    "Policy",
    "Scope",
    "Shelf",
    "State",
    "Template",
    "Unfolding",
    "Writer",
    "unfolding",
]
