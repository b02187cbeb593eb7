"""What the meters say a project achieved, with its uncertainty; or why nothing can be said.

    monthly use ──► series ──► counterfactual ──► saving ──► avoided      tonnes by one declared factor series
    weather, use ─────┘             │
    untouched sources ──────► controls                                    difference in differences

Statistics in floating point, rounded once at the end; the method with its sources: docs/fund.md.
"""
