{{- /*
Who speaks to whom, and at which port: the one table from which all NetworkPolicies come. An end is a
component of the release, or one of the parties outside of it that `networkPolicy.outside` describes. What is not in it is refused.
*/ -}}
{{- define "longshore.edges" -}}
{{- $onPostgres := list "blob-service" "manifest-service" "auth-service" "notifier" "garbage-collector" -}}
{{- $onNats := list "api-gateway" "blob-service" "manifest-service" "auth-service" "notifier" -}}
{{- $store := list "blob-service" "garbage-collector" -}}
{{- $migrates := has .Values.migrations.mode (list "hook" "job") -}}
{{- $bundled := include "longshore.bundled" . | fromYamlArray -}}
- { from: outside/clients, to: api-gateway, ports: [5000] }
- { from: api-gateway, to: blob-service, ports: [5000] }
- { from: test, to: api-gateway, ports: [5000] }
{{- if and .Values.httpRoute.enabled .Values.httpRoute.blobsDirect }}
- { from: outside/clients, to: blob-service, ports: [5000] }
{{- end }}
{{- if or (include "longshore.readsMetrics" .) .Values.networkPolicy.outside.metrics }}
{{- range include "longshore.services" . | fromYaml }}
- { from: outside/metrics, to: {{ .component }}, ports: [5001] }
{{- end }}
{{- end }}
{{- range $migrates | ternary (append $onPostgres "migrations") $onPostgres | concat (list "cli") }}
- { from: {{ . }}, to: {{ ternary "postgres" "outside/postgres" (has "postgres" $bundled) }}, ports: [{{ ternary 5432 (int $.Values.postgres.port) (has "postgres" $bundled) }}] }
{{- end }}
{{- range $onNats }}
- { from: {{ . }}, to: {{ ternary "nats" "outside/nats" (has "nats" $bundled) }}, ports: {{ ternary (list 4222) (include "longshore.natsPorts" $ | fromJsonArray) (has "nats" $bundled) | toJson }} }
{{- end }}
{{- if ne .Values.storage.driver "filesystem" }}
{{- range append $store "test" }}
- { from: {{ . }}, to: outside/store, ports: {{ include "longshore.storePorts" $ }} }
{{- end }}
{{- if not .Values.storage.existingSecret }}
{{- range $store }}
- { from: {{ . }}, to: outside/identity, ports: [80] }
{{- end }}
{{- end }}
{{- end }}
{{- with include "longshore.webhookPorts" . | fromJsonArray }}
- { from: notifier, to: outside/webhooks, ports: {{ toJson . }} }
{{- end }}
{{- with include "longshore.providerPorts" . | fromJsonArray }}
- { from: auth-service, to: outside/providers, ports: {{ toJson . }} }
{{- end }}
{{- with dig "telemetry" "otlp" "endpoint" "" .Values.configuration }}
{{- range include "longshore.services" $ | fromYaml }}
- { from: {{ .component }}, to: outside/traces, ports: [{{ include "longshore.portOf" (dig "telemetry" "otlp" "endpoint" "" $.Values.configuration) }}] }
{{- end }}
{{- end }}
{{- range include "longshore.clientsOfNames" . | fromYamlArray }}
- { from: {{ . }}, to: outside/dns, ports: [53], protocols: [UDP, TCP] }
{{- end }}
{{- end -}}

{{- /* Components that are no services, and only there when they are wanted. */ -}}
{{- define "longshore.bundled" -}}
{{- $parts := list -}}
{{- if .Values.postgres.bundled.enabled }}{{ $parts = append $parts "postgres" }}{{ end -}}
{{- if .Values.nats.bundled.enabled }}{{ $parts = append $parts "nats" }}{{ end -}}
{{- toYaml $parts -}}
{{- end -}}

{{- /* Everybody but the servers, which call nobody. */ -}}
{{- define "longshore.clientsOfNames" -}}
{{- $clients := list -}}
{{- range include "longshore.services" . | fromYaml }}{{ $clients = append $clients .component }}{{ end -}}
{{- if has .Values.migrations.mode (list "hook" "job") }}{{ $clients = append $clients "migrations" }}{{ end -}}
{{- toYaml (concat $clients (list "cli" "test")) -}}
{{- end -}}

{{- /* The port of a URL, or of host:port. */ -}}
{{- define "longshore.portOf" -}}
{{- $told := regexFind ":[0-9]+(/|$)" . | trimPrefix ":" | trimSuffix "/" -}}
{{- if $told }}{{ $told }}{{ else if hasPrefix "http://" . }}80{{ else if hasPrefix "nats" . }}4222{{ else if hasPrefix "ldap://" . }}389{{ else if hasPrefix "ldaps://" . }}636{{ else }}443{{ end -}}
{{- end -}}

{{- define "longshore.natsPorts" -}}
{{- $ports := list -}}
{{- range .Values.nats.servers }}
{{- $ports = append $ports (int (include "longshore.portOf" (hasPrefix "nats" . | ternary . (printf "nats://%s" .)))) -}}
{{- end -}}
{{- uniq $ports | toJson -}}
{{- end -}}

{{- /* 443, the ports of the endpoints that the driver is told, and `networkPolicy.storePorts`. */ -}}
{{- define "longshore.storePorts" -}}
{{- $ports := list 443 -}}
{{- $parameters := default dict (index .Values.storage .Values.storage.driver) -}}
{{- range list "regionendpoint" "serviceurl" "authurl" "endpoint" "stsendpoint" -}}
{{- with index $parameters . }}{{ $ports = append $ports (int (include "longshore.portOf" .)) }}{{ end -}}
{{- end -}}
{{- range .Values.networkPolicy.storePorts }}{{ $ports = append $ports (int .) }}{{ end -}}
{{- uniq $ports | toJson -}}
{{- end -}}

{{- define "longshore.webhookPorts" -}}
{{- $ports := list -}}
{{- range dig "notifications" "endpoints" list .Values.configuration -}}
{{- $ports = append $ports (int (include "longshore.portOf" .url)) -}}
{{- end -}}
{{- uniq $ports | toJson -}}
{{- end -}}

{{- /* Of everybody whom auth-service asks who somebody is: identity providers of workloads and of people, and directories; and `networkPolicy.providerPorts`. */ -}}
{{- define "longshore.providerPorts" -}}
{{- $auth := default dict .Values.configuration.auth -}}
{{- $urls := dig "ldap" "urls" list $auth -}}
{{- range $auth.workloads }}{{ $urls = append $urls (default .issuer .jwks) }}{{ end -}}
{{- range dig "oidc" "providers" list $auth }}{{ $urls = append $urls .issuer }}{{ end -}}
{{- $ports := list -}}
{{- range $urls }}{{ if contains "://" . }}{{ $ports = append $ports (int (include "longshore.portOf" .)) }}{{ end }}{{ end -}}
{{- if $ports }}{{ range $.Values.networkPolicy.providerPorts }}{{ $ports = append $ports (int .) }}{{ end }}{{ end -}}
{{- uniq $ports | toJson -}}
{{- end -}}
