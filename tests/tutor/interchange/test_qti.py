from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School
from tutor.interchange.problems import UnreadableFileError
from tutor.interchange.qti.packages import read_questions

if TYPE_CHECKING:
    from tutor.interchange.qti.types import ReadQuestion

CHOICE = """
<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="q1" title="Dry">
  <responseDeclaration identifier="R" cardinality="multiple" baseType="identifier">
    <correctResponse><value>A</value><value>C</value></correctResponse>
  </responseDeclaration>
  <outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float" normalMaximum="3"/>
  <itemBody><p>What dries a puddle?</p>
    <choiceInteraction responseIdentifier="R" maxChoices="0"><prompt>Choose all.</prompt>
      <simpleChoice identifier="A">Sun<feedbackInline outcomeIdentifier="F" identifier="A">Right.</feedbackInline>
      </simpleChoice>
      <simpleChoice identifier="B">Rain</simpleChoice><simpleChoice identifier="C">Wind</simpleChoice>
    </choiceInteraction></itemBody>
</assessmentItem>"""
NEWER = """
<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="q2" title="Boil">
  <qti-response-declaration identifier="R" cardinality="single" base-type="float">
    <qti-correct-response><qti-value>100</qti-value></qti-correct-response>
  </qti-response-declaration>
  <qti-item-body><p>At how many degrees does water boil? <qti-text-entry-interaction response-identifier="R"/></p>
  </qti-item-body>
  <qti-response-processing><qti-equal tolerance-mode="absolute" tolerance="0.5 0.5"/></qti-response-processing>
</qti-assessment-item>"""
OLDER = """
<questestinterop xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2"><assessment><section>
  <item ident="a" title="One">
    <itemmetadata><qtimetadata>
      <qtimetadatafield><fieldlabel>question_type</fieldlabel>
        <fieldentry>multiple_choice_question</fieldentry></qtimetadatafield>
      <qtimetadatafield><fieldlabel>points_possible</fieldlabel><fieldentry>2.5</fieldentry></qtimetadatafield>
    </qtimetadata></itemmetadata>
    <presentation><material>
      <mattext texttype="text/html">&lt;p&gt;Why &lt;b&gt;warm&lt;/b&gt;?&lt;/p&gt;</mattext></material>
      <response_lid ident="r" rcardinality="Single"><render_choice>
        <response_label ident="1"><material><mattext>Energy</mattext></material></response_label>
        <response_label ident="2"><material><mattext>Colour</mattext></material></response_label>
      </render_choice></response_lid></presentation>
    <resprocessing>
      <respcondition continue="Yes"><conditionvar><varequal respident="r">2</varequal></conditionvar>
        <displayfeedback feedbacktype="Response" linkrefid="2_fb"/></respcondition>
      <respcondition><conditionvar><varequal respident="r">1</varequal></conditionvar>
        <setvar action="Set" varname="SCORE">100</setvar></respcondition>
    </resprocessing>
    <itemfeedback ident="2_fb"><flow_mat><material><mattext>Not that.</mattext></material></flow_mat></itemfeedback>
  </item>
  <item ident="b" title="Two">
    <itemmetadata><qtimetadata><qtimetadatafield><fieldlabel>question_type</fieldlabel>
      <fieldentry>short_answer_question</fieldentry></qtimetadatafield></qtimetadata></itemmetadata>
    <presentation><material><mattext>Name the gas.</mattext></material>
      <response_str ident="r"><render_fib/></response_str></presentation>
    <resprocessing><respcondition><conditionvar><varequal respident="r">vapour</varequal>
      <varequal respident="r">steam</varequal>
      </conditionvar><setvar action="Set" varname="SCORE">100</setvar></respcondition></resprocessing>
  </item>
  <item ident="c" title="Three">
    <itemmetadata><qtimetadata><qtimetadatafield><fieldlabel>question_type</fieldlabel>
      <fieldentry>numerical_question</fieldentry></qtimetadatafield></qtimetadata></itemmetadata>
    <presentation><material><mattext>How many?</mattext></material>
      <response_str ident="r"><render_fib fibtype="Decimal"/></response_str></presentation>
    <resprocessing><respcondition><conditionvar><or><varequal respident="r">4</varequal>
      <and><vargte respident="r">3.5</vargte><varlte respident="r">4.5</varlte></and></or></conditionvar>
      <setvar action="Set" varname="SCORE">100</setvar></respcondition></resprocessing>
  </item>
  <item ident="d" title="Four">
    <presentation><material><mattext>Discuss.</mattext></material>
      <response_str ident="r"><render_fib/></response_str></presentation>
  </item>
  <item ident="e" title="Five">
    <presentation><material><mattext>Match.</mattext></material>
      <response_lid ident="x"/><response_lid ident="y"/></presentation>
  </item>
</section></assessment></questestinterop>"""
ESSAY = """
<assessmentItem identifier="q3" title="Long">
  <responseDeclaration identifier="R" cardinality="single" baseType="string"/>
  <itemBody><p>Explain.</p><img src="https://example.org/x.png" alt=""/>
  <extendedTextInteraction responseIdentifier="R"/></itemBody></assessmentItem>"""
HOTSPOT = """
<assessmentItem identifier="q4" title="Point"><itemBody><p>Where?</p>
  <hotspotInteraction responseIdentifier="R"/></itemBody>
</assessmentItem>"""


def one(document: str) -> ReadQuestion:
    (question,) = read_questions(document.encode()).questions
    return question


def package(files: dict[str, str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def manifest(*names: str) -> str:
    resources = "".join(
        f'<resource type="imsqti_item_xmlv2p1" href="{name}"><file href="{name}"/></resource>' for name in names
    )
    return f'<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources>{resources}</resources></manifest>'


def test_choices_come_with_their_right_ones_points_and_feedback() -> None:
    question = one(CHOICE)
    assert (question.kind, question.points, question.prompt) == ("choice", 3, "What dries a puddle?\nChoose all.")
    assert [(option.text, option.correct, option.feedback) for option in question.options] == [
        ("Sun", True, "Right."), ("Rain", False, ""), ("Wind", True, ""),
    ]  # fmt: skip


def test_a_script_in_a_question_is_no_part_of_its_text() -> None:
    newer = ESSAY.replace("Explain.", "Explain.<script>alert(1)</script>")
    older = OLDER.replace("&lt;p&gt;Why", "&lt;script&gt;alert(1)&lt;/script&gt;&lt;p&gt;Why")
    prompts = [one(newer).prompt, *(question.prompt for question in read_questions(older.encode()).questions)]
    assert not [prompt for prompt in prompts if "alert" in prompt]


def test_a_number_of_version_three_keeps_its_tolerance() -> None:
    question = one(NEWER)
    assert (question.kind, question.numeric_value, question.numeric_tolerance) == ("numeric", 100.0, 0.5)


def test_a_test_of_version_one_is_read_and_what_has_several_parts_is_named() -> None:
    read = read_questions(OLDER.encode())
    choice, short, number, essay = read.questions
    assert (choice.prompt, choice.points) == ("Why warm?", Decimal("2.5"))
    assert [(option.correct, option.feedback) for option in choice.options] == [(True, ""), (False, "Not that.")]
    assert (short.kind, short.references) == ("short", ("vapour", "steam"))
    assert (number.kind, number.numeric_value, number.numeric_tolerance) == ("numeric", 4.0, 0.5)
    assert (essay.kind, essay.prompt) == ("essay", "Discuss.")
    assert [(item.name, "2 things at once" in item.reason) for item in read.skipped] == [("Five", True)]


def test_a_package_is_read_in_the_order_of_its_manifest() -> None:
    files = {"items/b.xml": ESSAY, "items/a.xml": CHOICE, "items/c.xml": HOTSPOT, "other.xml": NEWER}
    listed = {"imsmanifest.xml": manifest("items/b.xml", "items/a.xml", "items/c.xml")}
    read = read_questions(package(listed | files))
    assert [question.title for question in read.questions] == ["Long", "Dry"]
    assert read.questions[0].notes == ("Pictures are left out.",)
    assert [item.name for item in read.skipped] == ["Point"]


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><assessmentItem>&a;</assessmentItem>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><assessmentItem/>',
        b"<assessmentItem",
        b"not xml",
        b"<manifest/>",
        b"<a>" * 300 + b"</a>" * 300,
        b"PK\x03\x04broken",
        package({"../out.xml": CHOICE}),
        package({"packed.xml": CHOICE}, zipfile.ZIP_LZMA),
        package({"C:/out.xml": CHOICE}),
        package({"big.xml": f"<a>{' ' * (3 * 1024 * 1024)}</a>"}),
        b" " * (4 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_harmless_file_of_questions_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        read_questions(content)


@pytest.mark.django_db
def test_chosen_questions_are_added_and_recorded(client: Client, school: School, log: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tutor.models import Question

    client.force_login(school.teacher, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/o/shop/tutor/assignments/{school.assignment.pk}/questions/import/"
    assert client.get(address).status_code == 200
    reply = client.post(address, {"file": SimpleUploadedFile("test.xml", OLDER.encode())})
    page = reply.content.decode()
    assert "Why warm?" in page
    assert "1 question is left out" in page
    client.post(address, {"content": reply.context["content"], "question": ["0", "2"]})
    with acting_in(school.organisation):
        made = list(Question.objects.for_organisation(school.id).select_related("rubric").order_by("position"))[1:]
    assert [(question.kind, question.position) for question in made] == [("choice", 2), ("numeric", 3)]
    assert made[0].options[1] == {"id": "b", "text": "Colour", "correct": False, "feedback": "Not that."}
    assert made[0].rubric is not None
    assert made[0].rubric.references == ["Energy"]
    assert log("tutor.questions_imported")[0].digests["count"] == 2
    reply = client.post(address, {"file": SimpleUploadedFile("test.xml", b"nothing")})
    assert (reply.status_code, "“the chosen file” is no well-formed XML" in reply.content.decode()) == (422, True)


@pytest.mark.django_db
def test_only_teachers_of_the_course_add_questions(school: School) -> None:
    from tutor.interchange.qti.services import import_questions

    with pytest.raises(PermissionDenied):
        import_questions(school.principal(school.second_teacher), school.assignment.pk, CHOICE.encode(), chosen={0})
