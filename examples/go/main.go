// Starts a Tiro job, or joins the one that has the key, and prints its outcome: go run . <source uri> <key>
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
)

// JobOutcome holds what this program wants of schemas/job-outcome.json.
type JobOutcome struct {
	WorkflowID string  `json:"workflowId"`
	JobID      string  `json:"jobId"`
	Phase      string  `json:"phase"`
	Status     string  `json:"status"`
	Message    *string `json:"message"`
	Artifacts  []struct {
		Name   string `json:"name"`
		SHA256 string `json:"sha256"`
		URI    string `json:"uri"`
	} `json:"artifacts"`
}

// start gives the job of a key: one that runs is joined, one that failed gives way, one that succeeded is taken as it is.
// Of a key with other characters than letters, digits, - _ . the contract says how it is written.
func start(ctx context.Context, temporal client.Client, source, key string) (client.WorkflowRun, error) {
	taskQueue := os.Getenv("PROVIDER_JOBS_TASK_QUEUE")
	if taskQueue == "" {
		taskQueue = "provider-jobs"
	}
	options := client.StartWorkflowOptions{
		ID:                                       "provider-job/tiro/" + key,
		TaskQueue:                                taskQueue,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		WorkflowExecutionTimeout:                 24*time.Hour + 45*time.Minute,
	}
	input := map[string]any{"source": source, "deadline": "30m", "translationLocales": []string{"ko_KR"}}
	run, err := temporal.ExecuteWorkflow(ctx, options, "tiroTranscription", input)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &started) {
		return temporal.GetWorkflow(ctx, options.ID, ""), nil
	}
	return run, err
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: go run . <source uri> <key>")
	}
	ctx := context.Background()
	temporal, err := client.Dial(envconfig.MustLoadDefaultClientOptions())
	if err != nil {
		log.Fatal(err)
	}
	defer temporal.Close()
	run, err := start(ctx, temporal, os.Args[1], os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	var outcome JobOutcome
	if err := run.Get(ctx, &outcome); err != nil {
		log.Fatal(err)
	}
	printed, err := json.MarshalIndent(outcome, "", "  ")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(printed))
}
