"""What a collection gets for the golden image of its devices, in files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from policyc.artifacts import Build
from policyc.kinds.service.subject import Running, Service, ServicePlace
from policyc.model import Collection, Condition, Hive, Kind, Operator, Place, Project, Registry, Setting, View
from policyc.powershell.scripts import Script, collection_script, entry, image_script
from policyc.targets.local.checks import has_own_script
from policyc.targets.vdi.checks import onboards
from policyc.targets.vdi.runbook import runbook
from policyc.targets.vdi.startup import startup_file
from policyc.vocabularies import Vocabulary, load_vocabulary

FOLDER = "vdi"
SINGLE, MULTIPLE = f"{FOLDER}/single-entry/Machine/Scripts", f"{FOLDER}/multiple-entries/Machine/Scripts"


def collection_files(project: Project, collection: Collection, build: Build) -> Iterator[tuple[str, bytes]]:
    """(Path below the collection's folder, content) of all its files."""
    if not onboards(collection):
        return
    [vocabulary] = [load_vocabulary(name) for name, _ in collection.vocabulary_states]
    script = _script(collection, vocabulary)
    yield f"{SINGLE}/psscripts.ini", startup_file(vocabulary.image.starter)
    yield f"{MULTIPLE}/scripts.ini", startup_file(script)
    check = image_script(collection, [entry(one) for one in image_settings(collection, vocabulary)], vocabulary.image.folder)
    yield f"{FOLDER}/check-image.ps1", build.sealed(f"{collection.slug}/{FOLDER}/check-image.ps1", check)
    settings = of_the_image(collection, vocabulary)
    # The vendor's script never runs in the image, so this one knows of none.
    bare = replace(collection, packages=())
    policy = collection_script(Script.LOCAL, bare, [entry(one) for one in settings])
    yield f"{FOLDER}/policy.ps1", build.sealed(f"{collection.slug}/{FOLDER}/policy.ps1", policy)
    yield f"{FOLDER}/README.md", runbook(project, collection, vocabulary, script, settings)


def _script(collection: Collection, vocabulary: Vocabulary) -> str:
    """The onboarding script that runs without asking, by the name that the policy gives."""
    return next((package.script for package in collection.packages), vocabulary.packages["onboarded"].script)


def of_the_image(collection: Collection, vocabulary: Vocabulary) -> list[Setting]:
    """What is set in the image, and so in every clone: all but what the product says of itself once it is onboarded."""
    own = {word.id for word in vocabulary.words if word.name == vocabulary.state}
    return [one for one in collection.settings if one.id not in own and not has_own_script(one)]


def image_settings(collection: Collection, vocabulary: Vocabulary) -> Iterator[Setting]:
    """What a clean image is like, as settings that are only reported."""
    at = collection.origin
    image = vocabulary.image
    for number, (whole, name) in enumerate(image.absent, 1):
        key = whole.partition("\\")[2]
        what = key if name is None else f"{name} in {key}"
        subject = Registry(Place(Hive.MACHINE, View.BITS_64, key, name), Condition(Operator.ABSENT))
        yield Setting(f"image-{number}", f"{what} is not there", subject, at, sensitive=True)
    state = next(word for word in vocabulary.words if word.name == vocabulary.state)
    place = Place(Hive.MACHINE, View.BITS_64, state.key.partition("\\")[2], state.value_name)
    told = Registry(place, Condition(Operator.EQUALS, (0,)), Kind.DWORD, default=0)
    yield Setting("image-state", "The image is not onboarded", told, at)
    service = Service(ServicePlace(image.service), None, Running.STOPPED, missing=True, writes=False)
    yield Setting("image-service", f"The service {image.service} does not run", service, at)
