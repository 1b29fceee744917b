"""Addresses of jobs and their interview plans."""

from django.urls import path

from jobs import plan_views, stage_views, views

urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/new/", views.job_new, name="job-new"),
    path("jobs/templates/<slug:template>/", views.job_from_template, name="job-from-template"),
    path("jobs/<int:pk>/", views.job, name="job"),
    path("jobs/<int:pk>/edit/", views.job_edit, name="job-edit"),
    path("jobs/<int:pk>/duplicate/", views.job_duplicate, name="job-duplicate"),
    path("jobs/<int:pk>/restore/", stage_views.restore, name="plan-restore"),
    path("jobs/<int:pk>/state/", views.job_state, name="job-state"),
    path("jobs/<int:pk>/delete/", views.job_delete, name="job-delete"),
    path("jobs/<int:pk>/stages/new/", stage_views.stage_new, name="stage-new"),
    path("jobs/<int:pk>/stages/order/", stage_views.stages_order, name="stages-order"),
    path("jobs/stages/<int:pk>/edit/", stage_views.stage_edit, name="stage-edit"),
    path("jobs/stages/<int:pk>/duplicate/", stage_views.stage_duplicate, name="stage-duplicate"),
    path("jobs/stages/<int:pk>/move/", stage_views.stage_move, name="stage-move"),
    path("jobs/stages/<int:pk>/remove/", stage_views.stage_remove, name="stage-remove"),
    path("jobs/stages/<int:pk>/interviews/new/", plan_views.interview_new, name="plan-interview-new"),
    path("jobs/stages/<int:pk>/interviews/order/", plan_views.interviews_order, name="plan-interviews-order"),
    path("jobs/interviews/<int:pk>/edit/", plan_views.interview_edit, name="plan-interview-edit"),
    path("jobs/interviews/<int:pk>/move/", plan_views.interview_move, name="plan-interview-move"),
    path("jobs/interviews/<int:pk>/remove/", plan_views.interview_remove, name="plan-interview-remove"),
    path("jobs/interviews/<int:pk>/default-link/", plan_views.default_link, name="plan-interview-link"),
    path("jobs/interviews/<int:pk>/template/", plan_views.template, name="plan-interview-template"),
]
