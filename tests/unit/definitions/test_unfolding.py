"""What Group Policy would write: every element of the schema in every state."""

from __future__ import annotations

from typing import Any

import pytest

from admx_templates import KEY, elements, only, policy
from policyc.definitions import Policy, State, Unfolding, unfolding

Written = dict[tuple[str, str], tuple[str | None, Any]]
_SWITCH = """<boolean id="B" valueName="B"><trueValue><string>yes</string></trueValue>{}
<trueList><item valueName="T"><value><decimal value="3"/></value></item></trueList>
<falseList defaultKey="Software\\Else"><item valueName="F"><value><delete/></value></item></falseList></boolean>"""
_ENUM = """<enum id="E" valueName="E"><item displayName="First"><value><decimal value="1"/></value></item>
<item displayName="$(string.second)"><value><string>two</string></value><valueList>
<item key="Software\\Else" valueName="More"><value><longDecimal value="9"/></value></item></valueList></item>
<item displayName="Gone"><value><delete/></value></item></enum>"""


def written(policy: Policy, state: str = "enabled", **options: Any) -> Written:
    """By key below Software\\Policies\\Example and name: type and data."""
    made = unfolding(policy, State(state), options)
    assert isinstance(made, Unfolding), made
    return {(part.key.removeprefix(KEY).strip("\\"), part.name): (part.type, part.data) for part in made.parts}


def misfits(policy: Policy, **options: Any) -> list[tuple[str, str, str]]:
    made = unfolding(policy, State.ENABLED, options)
    assert isinstance(made, list)
    return [(one.code, one.message, one.help) for one in made]


def test_a_policy_without_values_is_the_number_1_or_away() -> None:
    bare = only(policy())
    assert written(bare) == {("", "One"): ("dword", 1)}
    assert written(bare, "disabled") == {("", "One"): (None, None)}
    assert written(bare, "not_configured") == {("", "One"): (None, None)}


def test_values_and_lists_of_a_policy() -> None:
    said = only(
        policy(
            "<enabledValue><string>on</string></enabledValue><disabledValue><decimal value='0'/></disabledValue>"
            "<enabledList defaultKey='Software\\Else'><item valueName='A'><value><decimal value='4294967295'/></value></item>"
            "<item key='Software\\Third' valueName='B'><value><delete/></value></item></enabledList>"
            "<disabledList><item valueName='C'><value><longDecimal value='18446744073709551615'/></value></item></disabledList>"
        )
    )
    assert written(said) == {
        ("", "One"): ("string", "on"),
        ("Software\\Else", "A"): ("dword", 2**32 - 1),
        ("Software\\Third", "B"): (None, None),
    }
    assert written(said, "disabled") == {("", "One"): ("dword", 0), ("", "C"): ("qword", 2**64 - 1)}
    # Elsewhere than in the policies' keys Group Policy leaves what it has written.
    assert written(said, "not_configured") == {("", "One"): (None, None), ("", "C"): (None, None)}


def test_a_policy_may_have_no_value_of_its_own() -> None:
    made = unfolding(only(policy(value=None)), State.ENABLED, {})
    assert made == Unfolding(())


@pytest.mark.parametrize(
    ("element", "box", "option", "expected"),
    [
        ('<decimal id="N" valueName="N"/>', "", {"N": 7}, ("dword", 7)),
        ('<decimal id="N" valueName="N"/>', '<decimalTextBox refId="N">x</decimalTextBox>', {}, ("dword", 1)),
        ('<decimal id="N" valueName="N"/>', '<decimalTextBox refId="N" defaultValue="5"/>', {}, ("dword", 5)),
        ('<decimal id="N" valueName="N" storeAsText="true"/>', "", {"N": 7}, ("string", "7")),
        ('<decimal id="N" valueName="N" storeAsText="1"/>', "", {"N": 7}, ("string", "7")),
        ('<longDecimal id="N" valueName="N" maxValue="9000000000"/>', "", {"N": 9_000_000_000}, ("qword", 9_000_000_000)),
        ('<text id="N" valueName="N"/>', "", {"N": "a"}, ("string", "a")),
        ('<text id="N" valueName="N"/>', "", {}, ("string", "")),
        ('<text id="N" valueName="N" expandable="true"/>', "", {"N": "%a%"}, ("expand_string", "%a%")),
        ('<text id="N" valueName="N"/>', '<comboBox refId="N"><default>d</default></comboBox>', {}, ("string", "d")),
        ('<text id="N" valueName="N"/>', '<textBox refId="N"><defaultValue>d</defaultValue></textBox>', {}, ("string", "d")),
        ('<multiText id="N" valueName="N"/>', "", {"N": ["a", "b"]}, ("multi_string", ("a", "b"))),
        ('<multiText id="N" valueName="N"/>', "", {}, ("multi_string", ())),
        ('<boolean id="N" valueName="N"/>', "", {"N": True}, ("dword", 1)),
        ('<boolean id="N" valueName="N"/>', "", {"N": False}, (None, None)),
        ('<boolean id="N" valueName="N"/>', '<checkBox refId="N" defaultChecked="true"/>', {}, ("dword", 1)),
        ('<boolean id="N" valueName="N"/>', "", {}, (None, None)),
    ],
)
def test_elements_of_one_value(element: str, box: str, option: dict[str, Any], expected: tuple[str | None, Any]) -> None:
    made = only(policy(elements(element), value=None), box)
    assert written(made, **option) == {("", "N"): expected}
    assert written(made, "disabled") == {("", "N"): (None, None)}


def test_a_check_box_with_values_and_lists() -> None:
    made = only(policy(elements(_SWITCH.format("")), value=None))
    assert written(made, B=True) == {("", "B"): ("string", "yes"), ("", "T"): ("dword", 3)}
    assert written(made, B=False) == {("", "B"): (None, None), ("Software\\Else", "F"): (None, None)}
    off = only(policy(elements(_SWITCH.format("<falseValue><decimal value='0'/></falseValue>")), value=None))
    assert written(off, B=False)["", "B"] == ("dword", 0)


def test_choices_by_their_words_and_values() -> None:
    made = only(policy(elements(_ENUM)), '<dropdownList refId="E" defaultItem="0"/>', '<string id="second">The second</string>')
    main = {("", "One"): ("dword", 1)}
    assert written(made) == written(made, E="First") == written(made, E="first") == {**main, ("", "E"): ("dword", 1)}
    second = {**main, ("", "E"): ("string", "two"), ("Software\\Else", "More"): ("qword", 9)}
    assert written(made, E="The second") == written(made, E="two") == second
    assert written(made, E="Gone") == {**main, ("", "E"): (None, None)}
    assert written(made, E=1) == written(made)


def test_the_last_of_two_writes_to_one_value_holds() -> None:
    """The element's value is the policy's own: its element says what is in it, and where it is disabled the policy does."""
    own = elements('<decimal id="N" valueName="one"/>')
    made = only(policy(f"<disabledValue><decimal value='0'/></disabledValue>{own}"))
    assert written(made, N=5) == {("", "one"): ("dword", 5)}
    assert written(made, "disabled") == {("", "One"): ("dword", 0)}


@pytest.mark.parametrize(
    ("attributes", "value", "expected"),
    [
        ("", ["a", "b"], {"a": ("string", "a"), "b": ("string", "b")}),
        ('valuePrefix=""', ["a", "b"], {"1": ("string", "a"), "2": ("string", "b")}),
        ('valuePrefix="P"', ["a", "a"], {"P1": ("string", "a"), "P2": ("string", "a")}),
        ('expandable="true"', ["%a%"], {"%a%": ("expand_string", "%a%")}),
        ('explicitValue="true"', {"n": "a"}, {"n": ("string", "a")}),
        ('explicitValue="true" expandable="true"', {"n": "a"}, {"n": ("expand_string", "a")}),
        ("", [], {}),
    ],
)
def test_lists(attributes: str, value: object, expected: dict[str, tuple[str, str]]) -> None:
    element = f'<list id="L" key="{KEY}\\L" {attributes}/>'
    made = only(policy(elements(element), value=None))
    assert written(made, L=value) == {("L", name): said for name, said in expected.items()}


@pytest.mark.parametrize("additive", ["true", "false"])
def test_a_list_that_is_not_additive_takes_its_key_for_itself(additive: str) -> None:
    element = f'<list id="L" key="{KEY}\\L" additive="{additive}"/>'
    made = only(policy(elements(element)))
    enabled = unfolding(made, State.ENABLED, {"L": ["a"]})
    disabled = unfolding(made, State.DISABLED, {})
    assert isinstance(enabled, Unfolding)
    assert isinstance(disabled, Unfolding)
    assert [option.id for option, _ in enabled.cleared] == ([] if additive == "true" else ["L"])
    # Where it is disabled, the editor takes away all of it in any case.
    assert [option.id for option, _ in disabled.cleared] == ["L"]


def test_options_are_named_by_label_or_id() -> None:
    boxes = '<decimalTextBox refId="n">Minutes\n until:</decimalTextBox>'
    made = only(policy(elements('<decimal id="N" valueName="N"/>'), value=None), boxes)
    for word in ("N", "n", "Minutes until", "minutes  until:"):
        assert written(made, **{word: 7}) == {("", "N"): ("dword", 7)}
    assert misfits(made, n=1, N=2) == [("PC1911", "'N' and 'n' are one option", "take one of the two out")]


@pytest.mark.parametrize(
    ("element", "option", "code", "message", "help"),
    [
        ('<decimal id="N" valueName="N"/>', 10_000, "PC1912", "'N' can't be 10000", "write a number from 0 to 9999"),
        ('<decimal id="N" valueName="N" minValue="5" maxValue="6"/>', 4, "PC1912", "'N' can't be 4", "from 5 to 6"),
        ('<decimal id="N" valueName="N"/>', True, "PC1912", "takes a number, which 'true' isn't", "from 0"),
        ('<text id="N" valueName="N" maxLength="2"/>', "abc", "PC1912", "has 3 characters", "write 2 at most"),
        ('<text id="N" valueName="N" required="true"/>', "", "PC1912", "can't be empty", "write a text"),
        ('<multiText id="N" valueName="N"/>', ["a", ""], "PC1912", "is empty", "take it out"),
        ('<boolean id="N" valueName="N"/>', "yes", "PC1912", "on or off, which 'yes' isn't", "true or false"),
        (_ENUM.replace('id="E"', 'id="N"'), "Fist", "PC1912", "no choice 'Fist'", "did you mean First?"),
        (_ENUM.replace('id="E"', 'id="N"'), True, "PC1912", "no choice true", "write one of: First"),
        (f'<list id="N" key="{KEY}"/>', ["a", "A"], "PC1912", "stands in 'N' twice", "take one out"),
        (f'<list id="N" key="{KEY}"/>', {"a": "b"}, "PC1912", "takes a list of texts", "as an item"),
        (f'<list id="N" key="{KEY}" explicitValue="true"/>', ["a"], "PC1912", "takes names with texts", "name: text"),
    ],
)
def test_values_that_a_template_doesnt_take(element: str, option: object, code: str, message: str, help: str) -> None:
    ((found, said, way_out),) = misfits(only(policy(elements(element))), N=option)
    assert found == code
    assert message.replace("'true'", "true") in said
    assert help in way_out


@pytest.mark.parametrize(
    "element",
    [
        '<decimal id="N" valueName="N"/>',
        '<text id="N" valueName="N" required="true"/>',
        '<multiText id="N" valueName="N" required="true"/>',
        _ENUM.replace('id="E"', 'id="N"'),
    ],
)
def test_what_has_no_default_has_to_be_said(element: str) -> None:
    ((code, message, _),) = misfits(only(policy(elements(element))))
    assert (code, message) == ("PC1913", "'N' of 'One' has to be said: the template gives it no default")


def test_an_unknown_option_names_the_nearest() -> None:
    made = only(policy(elements('<decimal id="Minutes" valueName="N"/>')))
    assert misfits(made, Minuets=3) == [("PC1911", "'One' has no option 'Minuets'", "did you mean 'Minutes'?")]
    ((_, _, way_out),) = misfits(made, Colour=3)
    assert way_out == "it has 'Minutes'"


def test_a_label_of_two_options_names_none() -> None:
    both = elements('<boolean id="a" valueName="a"/>', '<boolean id="b" valueName="b"/>')
    made = only(policy(both), '<checkBox refId="a">Same</checkBox><checkBox refId="b">Same</checkBox>')
    ((code, message, way_out),) = misfits(made, Same=True)
    assert (code, message) == ("PC1911", "'Same' is the label of 2 options of 'One'")
    assert way_out == "write one of their ids: 'a', 'b'"
