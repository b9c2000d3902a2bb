#!/bin/sh
# Makes the namespace and its search attributes, once; what is there is left as it is.
set -eu
: "${TEMPORAL_ADDRESS:?}" "${TEMPORAL_NAMESPACE:?}"

tries=0
until temporal operator cluster health >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -ge 60 ]; then
    echo "Temporal does not answer at $TEMPORAL_ADDRESS" >&2
    exit 1
  fi
  sleep 1
done

temporal operator namespace describe "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "${TEMPORAL_RETENTION:-7d}"

# A namespace that has just been made is known to all services of the server some seconds later.
tries=0
until known=$(temporal operator search-attribute list --output json); do
  tries=$((tries + 1))
  if [ "$tries" -ge 60 ]; then exit 1; fi
  sleep 1
done
for name in ProviderName ProviderJobId ProviderJobPhase ProviderJobFailure; do
  case $known in
    *"\"$name\""*) ;;
    *) temporal operator search-attribute create --name "$name" --type Keyword ;;
  esac
done
