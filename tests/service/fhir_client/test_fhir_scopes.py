"""What a token's SMART scopes let us read."""

from __future__ import annotations

import pytest

from cds_service.service.fhir_client.scopes import parse_scopes

SEARCH = "Observation?patient=1&category=laboratory"


@pytest.mark.parametrize(
    ("scope", "url", "cover"),
    [
        # SMART 1
        ("patient/Observation.read", SEARCH, "whole"),
        ("patient/Observation.read", "Observation/1", "whole"),
        ("patient/Observation.*", SEARCH, "whole"),
        ("patient/*.read", SEARCH, "whole"),
        ("user/*.*", SEARCH, "whole"),
        ("system/*.read", SEARCH, "whole"),
        ("patient/Observation.write", SEARCH, "none"),
        ("patient/Condition.read", SEARCH, "none"),
        # SMART 2
        ("patient/Observation.rs", SEARCH, "whole"),
        ("patient/*.rs", SEARCH, "whole"),
        ("user/Observation.cruds", SEARCH, "whole"),
        ("patient/Observation.s", SEARCH, "whole"),
        ("patient/Observation.s", "Observation/1", "none"),
        ("patient/Observation.r", "Observation/1", "whole"),
        ("patient/Observation.r", SEARCH, "none"),
        ("patient/Observation.cud", SEARCH, "none"),
        # SMART 2, narrowed
        ("patient/Observation.rs?category=laboratory", SEARCH, "whole"),
        ("patient/Observation.rs?category=laboratory", "Observation?patient=1", "part"),
        ("patient/Observation.rs?category=laboratory", "Observation?patient=1&category=laboratory,vital-signs", "part"),
        ("patient/Observation.rs?category=laboratory,vital-signs", SEARCH, "whole"),
        ("patient/Observation.rs?category=laboratory", "Observation/1", "part"),
        (
            "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory",
            "Observation?category=http%3A%2F%2Fterminology.hl7.org%2FCodeSystem%2Fobservation-category%7Claboratory",
            "whole",
        ),
        ("patient/Observation.rs?category=laboratory patient/Observation.rs", "Observation?patient=1", "whole"),
        ("patient/Observation.rs?category=laboratory user/*.read", "Observation?patient=1", "whole"),
        # several, and what is none
        ("launch openid fhirUser patient/Patient.read patient/Observation.read", SEARCH, "whole"),
        ("launch openid fhirUser offline_access", SEARCH, "none"),
        ("patient/ObservationDefinition.read", SEARCH, "none"),
        ("launch/patient online_access profile email", SEARCH, "none"),
        # not SMART, wholly or in part: nobody knows what it grants, and the FHIR server will say
        ("", SEARCH, "whole"),
        ("  ", SEARCH, "whole"),
        ("Observation.Read (Labs) (R4) Condition.Search (Problems) (R4) PATIENT.READ", SEARCH, "whole"),
        ("Condition.Search (Problems) (R4)", SEARCH, "whole"),
        ("https://example.org/auth/read", "Observation/1", "whole"),
        ("patient/Condition.read OBSERVATION.READ", SEARCH, "whole"),
        ("patient/Condition.read OBSERVATION.READ", "Condition?patient=1", "whole"),
        ("patient/Observation.rs?category=laboratory OBSERVATION.READ", "Observation?patient=1", "part"),
        ("patient/observation.read", SEARCH, "whole"),
        ("PATIENT/Observation.read", SEARCH, "whole"),
        ("patient/Observation.read.extra", SEARCH, "whole"),
        ("patient/Observation.sr", SEARCH, "whole"),
        ("patient/Observation.", SEARCH, "whole"),
    ],
)
def test_a_scope_covers_what_it_names(scope: str, url: str, cover: str) -> None:
    assert parse_scopes(scope).cover(url) == cover
