"""Signing of scripts and cabinets: certificates, the programs that sign, and knowing signed files again."""

from policyc.signing.options import Options, choose_signer
from policyc.signing.seal import Seal, seal_of
from policyc.signing.sealing import Seals, sign_scripts
from policyc.signing.signature import signature_of, without_signature
from policyc.signing.signer import Signer, SigningError

__all__ = [
    "Options",
    "Seal",
    "Seals",
    "Signer",
    "SigningError",
    "choose_signer",
    "seal_of",
    "sign_scripts",
    "signature_of",
    "without_signature",
]
