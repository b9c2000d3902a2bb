#!/bin/sh
# A Tiro job by Temporal's own command line: starts it, or joins the one that has the key; says where it stands; waits for
# its outcome. Usage: run-job.sh <source uri> <key>, of which the key has letters, digits, - _ . alone.
set -eu
temporal=${TEMPORAL_CLI_PATH:-temporal}
id="provider-job/tiro/$2"

"$temporal" workflow start \
  --type tiroTranscription \
  --task-queue "${PROVIDER_JOBS_TASK_QUEUE:-provider-jobs}" \
  --workflow-id "$id" \
  --id-reuse-policy AllowDuplicateFailedOnly \
  --id-conflict-policy UseExisting \
  --execution-timeout 25h \
  --input "{\"source\": \"$1\", \"deadline\": \"30m\", \"translationLocales\": [\"ko_KR\"]}" ||
  # One that has succeeded is taken as it is.
  "$temporal" workflow describe --workflow-id "$id" >/dev/null

"$temporal" workflow query --workflow-id "$id" --name jobSnapshot

"$temporal" workflow result --workflow-id "$id"
