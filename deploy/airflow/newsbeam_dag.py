"""newsbeam under Airflow 3: a run every ten minutes in a pod, and once a night the files of the day before made large.

Needs apache-airflow-providers-cncf-kubernetes.  The variables newsbeam_image (by digest), newsbeam_output,
newsbeam_state, newsbeam_sources and newsbeam_contact are set in Airflow.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import DAG
from kubernetes.client import models as k8s

HARDENED = k8s.V1SecurityContext(
    allow_privilege_escalation=False,
    read_only_root_filesystem=True,
    capabilities=k8s.V1Capabilities(drop=["ALL"]),
)
POD = {
    "namespace": "newsbeam",
    "image": "{{ var.value.newsbeam_image }}",
    "cmds": ["newsbeam"],
    "service_account_name": "newsbeam",
    "automount_service_account_token": False,
    "security_context": k8s.V1PodSecurityContext(
        run_as_non_root=True, run_as_user=10001, seccomp_profile=k8s.V1SeccompProfile(type="RuntimeDefault")
    ),
    "container_security_context": HARDENED,
    "container_resources": k8s.V1ResourceRequirements(requests={"cpu": "2", "memory": "2Gi"}, limits={"memory": "4Gi"}),
    "volumes": [k8s.V1Volume(name="tmp", empty_dir=k8s.V1EmptyDirVolumeSource(size_limit="4Gi"))],
    "volume_mounts": [k8s.V1VolumeMount(name="tmp", mount_path="/tmp")],  # noqa: S108 - the pod's own
    "labels": {"app.kubernetes.io/name": "newsbeam"},
    "on_finish_action": "delete_pod",
}

with DAG(
    "newsbeam_ingest",
    schedule="*/10 * * * *",
    start_date=datetime(2026, 1, 1),
    # A missed run is not made up for: the next one asks for all that is due.
    catchup=False,
    # Runs on one state go one after the other.
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
) as ingest:
    KubernetesPodOperator(
        task_id="ingest",
        arguments=[
            "ingest",
            "--feeds={{ var.value.newsbeam_sources }}",
            "--state={{ var.value.newsbeam_state }}",
            "--output={{ var.value.newsbeam_output }}",
            "--contact={{ var.value.newsbeam_contact }}",
            "--processes=2",
            "--page_memory_mb=1536",
        ],
        **POD,
    )

with DAG(
    "newsbeam_compact",
    schedule="30 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
) as compact:
    KubernetesPodOperator(
        task_id="compact",
        # Airflow 3 dates a run by when it starts: the day before is over.
        arguments=["compact", "{{ var.value.newsbeam_output }}", "--date={{ macros.ds_add(ds, -1) }}"],
        **POD,
    )
