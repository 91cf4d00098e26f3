"""All checks that need nothing but the windows."""

from __future__ import annotations

from selbench.audit.audited import AuditedData
from selbench.audit.coverage import coverage_finding
from selbench.audit.leaks import leak_findings
from selbench.audit.one_scenario import one_scenario_finding
from selbench.audit.origins import origin_findings
from selbench.audit.randomness import randomness_findings
from selbench.audit.shift import shift_finding
from selbench.audit.shortcuts import shortcut_findings
from selbench.audit.survey import Progress, Survey, take_survey
from selbench.run_folder import Audit, Finding


def audit_windows(data: AuditedData, progress: Progress = lambda n: None) -> tuple[Audit, Survey]:
    """Look for leaks, shift and shortcuts in audited windows.

    Parameters
    ----------
    data : AuditedData
    progress : callable
        Told the number of windows read after each batch.

    Returns
    -------
    audit : Audit
    survey : Survey
        What was remembered of every window, for further checks.
    """
    survey = take_survey(data, progress)
    return Audit(data.name, tuple(_findings(survey))), survey


def _findings(survey: Survey) -> list[Finding]:
    read = coverage_finding(survey)
    if not survey.groups:
        return [read]
    return [
        read,
        *leak_findings(survey),
        *randomness_findings(survey),
        shift_finding(survey),
        *origin_findings(survey),
        *one_scenario_finding(survey),
        *shortcut_findings(survey),
    ]
