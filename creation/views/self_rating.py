"""The self-rating of an organ: started, seen as a list of tasks, checked, handed over, submitted, withdrawn."""

from dataclasses import dataclass

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from creation import checks, clock, rules, stages
from creation.actions import files, findings, warnings
from creation.actions.cycles import check_window
from creation.errors import Forbidden, Refused
from creation.forms.self_rating import ReasonsForm, SignForm, StartForm, WithdrawForm, field_of
from creation.models import Appointment, Assessment, Cycle, Indicator, Organ, User
from creation.views.progress import Progress
from creation.views.taking import take

# Held by the organ's own people, clerk and signatory alike: whoever works on a file may also take it back.
WORKS_ON = "file.reopen"


def file_in_scope(request: HttpRequest, pk: int) -> Assessment:
    """Return the file when the person may know of it, 404 otherwise."""
    return get_object_or_404(Assessment.objects.visible_to(request.user).with_places(), pk=pk)


def crumbs_of(assessment: Assessment) -> list[tuple[str, str]]:
    """Return the way to a page of the file: home, then the file."""
    return [
        (_("My work"), reverse("home")),
        (_("Self-rating"), reverse("self_rating_detail", args=[assessment.pk])),
    ]


# --- start ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opening:
    """An organ in an open round: its file there, or why none can be started (empty: one can)."""

    organ: Organ
    cycle: Cycle
    file: Assessment | None
    obstacle: str

    @property
    def value(self) -> str:
        """Return what the form sends for this choice."""
        return f"{self.organ.pk}:{self.cycle.pk}"

    @property
    def can_start(self) -> bool:
        """Tell whether a self-rating can be started here today."""
        return self.file is None and not self.obstacle


def openings_for(user) -> list[Opening]:
    """Return the open rounds of every organ where the person works."""
    organs = Organ.objects.filter(pk__in=user.organ_ids()).select_related("region")
    found = []
    for organ in organs:
        started = {file.cycle_id: file for file in organ.assessments.all()}
        rounds = Cycle.objects.open().for_organ(organ).select_related("region")
        found += [Opening(organ, each, started.get(each.pk), _obstacle(user, organ, each)) for each in rounds]
    return found


def _obstacle(user, organ: Organ, cycle: Cycle) -> str:
    if not organ.is_active_on(clock.today()):
        return _("The organ is not active on the register today.")
    try:
        check_window(cycle, "self_rating")
    except Refused as refused:
        return str(refused)
    return "" if rules.may(user, "file.start", organ) else _("A clerk of the organ starts it.")


def self_rating_start(request: HttpRequest) -> HttpResponse:
    """Choose the round and start the organ's file in it; says in words when and why that is not possible."""
    if not request.user.organ_ids():
        raise Forbidden(_("Only the staff of an organ start a self-rating."))
    openings = openings_for(request.user)
    by_value = {opening.value: opening for opening in openings}
    choices = [(opening.value, f"{opening.organ} · {opening.cycle}") for opening in openings]
    form = StartForm(request.POST or None, openings=choices)
    if request.method == "POST" and form.is_valid():
        chosen = by_value[form.cleaned_data["opening"]]
        response = take(
            request,
            lambda: files.start(chosen.organ, chosen.cycle, by=request.user),
            to=lambda file: reverse("self_rating_detail", args=[file.pk]),
            done=_("The self-rating has been started."),
            form=form,
        )
        if response is not None:
            return response
    startable = [opening for opening in openings if opening.can_start]
    context = {
        "form": form,
        "openings": openings,
        "startable": startable,
        "chosen": form["opening"].value() or (startable[0].value if startable else ""),
        "crumbs": [(_("My work"), reverse("home"))],
    }
    return render(request, "creation/self_rating_start.html", context)


# --- list of tasks, check ------------------------------------------------------------------------------------------


@require_safe
def self_rating_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the file as a list of tasks by dimension; every row leads to its indicator."""
    file = file_in_scope(request, pk)
    rules.require(request.user, WORKS_ON, file)
    progress = Progress(file)
    context = {
        "file": file,
        "progress": progress,
        "headline": progress.headline(),
        "sections": progress.sections(),
        "may_answer": file.is_editable and rules.may(request.user, "file.answer", file),
        "crumbs": crumbs_of(file)[:1],
    }
    return render(request, "creation/self_rating_detail.html", context)


@require_safe
def self_rating_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all answers on one page, with totals, verdict, what is missing, and the step that comes next."""
    file = file_in_scope(request, pk)
    return _check_page(request, file)


def _check_page(
    request: HttpRequest, file: Assessment, *, step_form=None, withdraw_form=None, reasons_form=None
) -> HttpResponse:
    rules.require(request.user, "file.read_content", file)
    progress = Progress(file)
    forms = [each for each in (step_form, withdraw_form, reasons_form) if each is not None]
    shows_points = rules.may(request.user, "file.read_self_points", file)
    prepared = file.changes.filter(step="prepare").select_related("by").order_by("-number").first()
    context = {
        "file": file,
        "progress": progress,
        "headline": progress.headline(with_points=shows_points),
        "dimensions": progress.by_dimension(),
        "shows_points": shows_points,
        "works_on": rules.may(request.user, WORKS_ON, file),
        "prepared": prepared,
        "is_preparer": prepared is not None and prepared.by_id == request.user.pk,
        "can_withdraw": file.stage in stages.STEPS["withdraw"].from_stages,
        "gates": [line.indicator for line in progress.lines if line.indicator.code in progress.result.unmet_gates],
        "step_form": step_form,
        "withdraw_form": withdraw_form or WithdrawForm(),
        "has_errors": any(each.errors for each in forms),
        "crumbs": crumbs_of(file) if rules.may(request.user, WORKS_ON, file) else crumbs_of(file)[:1],
        **_findings_context(request, file, reasons_form),
    }
    return render(request, "creation/self_rating_check.html", context)


def _findings_context(request: HttpRequest, file: Assessment, reasons_form: ReasonsForm | None) -> dict:
    """Return what stands against handing over, for the organ's own people while they edit; else what was passed."""
    passed = findings.passed_of(file)
    by_code: dict[str, list] = {}
    for (code, _kind), row in passed.items():
        by_code.setdefault(code, []).append(row)
    if not (file.is_editable and rules.may(request.user, WORKS_ON, file)):
        return {"passed": by_code}
    found = findings.findings_of(file)
    names = {indicator.code: indicator for indicator in file.cycle.standard.indicators.all()}
    errors = [each for each in found if each.is_error]
    form = reasons_form or ReasonsForm(warnings=[each for each in found if not each.is_error], passed=passed)
    still_open = [each for each in found if each.is_error or (each.indicator, each.kind) not in passed]
    return {
        "passed": by_code,
        "errors": [Fault(each, names[each.indicator], file) for each in errors],
        "warnings": [(names[each.indicator], each, *row) for each, *row in form.rows()],
        "open_warnings": len(still_open) - len(errors),
        "faults": [Fault(each, names[each.indicator], file) for each in still_open],
        "reasons_form": form,
        "signatories": _signatories(file, request.user),
    }


def _signatories(file: Assessment, user) -> list[User]:
    """Return who may sign after this person has handed the file over: the organ's other signatories of today."""
    posts = Appointment.objects.on(clock.today()).filter(organ=file.organ_id, role="signatory")
    return list(User.objects.filter(is_active=True, appointments__in=posts).exclude(pk=user.pk).distinct())


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of what stands against handing over, with the address of the very field that settles it."""

    finding: checks.Finding
    indicator: Indicator
    file: Assessment

    @property
    def address(self) -> str:
        """Return the field's address: of an error on the item's (or the figures') page, of a warning on this one."""
        if not self.finding.is_error:
            return f"#id_{field_of(self.finding)}"
        if self.finding.kind == "energy":
            return reverse("self_rating_energy", args=[self.file.pk])
        item = reverse("self_rating_item", args=[self.file.pk, self.indicator.code])
        return f"{item}?from=check#{FIELDS[self.finding.kind]}"


FIELDS = {checks.UNANSWERED: "id_found", checks.NOT_DONE: "done-title", checks.EVIDENCE_MISSING: "id_files"}


# --- steps ---------------------------------------------------------------------------------------------------------


@require_POST
def self_rating_prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the file over for signature; what is missing comes back as a list with a link for each."""
    file = file_in_scope(request, pk)
    rules.require(request.user, "file.prepare", file)
    form = Form({})
    done = _("Handed over. A signatory, another person than you, now checks and signs.")
    to = reverse("self_rating_check", args=[file.pk])
    response = take(request, lambda: files.prepare(file, by=request.user), to=to, done=done, form=form)
    return response or _check_page(request, file, step_form=form)


@require_POST
def self_rating_reasons(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the reasons with which warnings are passed; an emptied one is taken back."""
    file = file_in_scope(request, pk)
    rules.require(request.user, "file.answer", file)
    standing = [each for each in findings.findings_of(file) if not each.is_error]
    form, response = ReasonsForm(request.POST, warnings=standing, passed=findings.passed_of(file)), None
    if form.is_valid():
        indicators = {indicator.code: indicator for indicator in file.cycle.standard.indicators.all()}

        def keep() -> None:
            for each, reason in form.changes():
                where = indicators[each.indicator]
                if reason:
                    warnings.pass_warning(file, where, kind=each.kind, reason=reason, by=request.user)
                else:
                    warnings.take_back(file, where, kind=each.kind, by=request.user)

        to = reverse("self_rating_check", args=[file.pk]) + "#warnings"
        response = take(request, keep, to=to, done=_("The reasons are saved."), form=form)
    return response or _check_page(request, file, reasons_form=form)


@require_POST
def self_rating_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the prepared file back for editing."""
    file = file_in_scope(request, pk)
    rules.require(request.user, "file.reopen", file)
    form = Form({})
    done = _("Taken back. The answers can be changed again.")
    to = reverse("self_rating_detail", args=[file.pk])
    response = take(request, lambda: files.reopen(file, by=request.user), to=to, done=done, form=form)
    return response or _check_page(request, file, step_form=form)


@require_POST
def self_rating_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Submit the self-rating and lead to its receipt."""
    file = file_in_scope(request, pk)
    rules.require(request.user, "file.submit", file)
    form, response = SignForm(request.POST), None
    if form.is_valid():
        response = take(
            request,
            lambda: files.submit(file, by=request.user, prepared_number=form.cleaned_data["prepared"]),
            to=lambda receipt: reverse("submission_detail", args=[receipt.number]),
            done=_("The self-rating has been submitted. This is its receipt."),
            form=form,
        )
    return response or _check_page(request, file, step_form=form)


@require_POST
def self_rating_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw the file with a reason that is chosen."""
    file = file_in_scope(request, pk)
    rules.require(request.user, "file.withdraw", file)
    form = WithdrawForm(request.POST)
    response = None
    if form.is_valid():
        response = take(
            request,
            lambda: files.withdraw(file, by=request.user, reason=form.text()),
            to=reverse("self_rating_check", args=[file.pk]),
            done=_("The file has been withdrawn. The organ may start again in the next round."),
            form=form,
        )
    return response or _check_page(request, file, withdraw_form=form)
