{{- /*
The credentials that pods may mount, below /run/secrets/longshore: the Secret of each, and the variables that name its keys' files.
*/ -}}
{{- define "longshore.credentials" -}}
{{- $values := .Values -}}
{{- $ownKey := include "longshore.ownKey" . -}}
{{- with $values.postgres }}
postgres:
  secret: {{ include "longshore.postgresSecret" $ | quote }}
  variables:
  {{- if .urlKey }}
    REGISTRY_POSTGRES_URL_FILE: {{ .urlKey | quote }}
  {{- else }}
    REGISTRY_POSTGRES_PASSWORD_FILE: {{ .passwordKey | quote }}
  {{- end }}
{{- end }}
{{- $nats := include "longshore.natsSecret" . }}
{{- if $nats }}
nats:
  secret: {{ $nats | quote }}
  variables:
  {{- with .Values.nats.userKey }}
    REGISTRY_NATS_USER_FILE: {{ . | quote }}
  {{- end }}
  {{- if .Values.nats.credsKey }}
    REGISTRY_NATS_CREDS: {{ .Values.nats.credsKey | quote }}
  {{- else }}
    REGISTRY_NATS_PASSWORD_FILE: {{ default $ownKey .Values.nats.passwordKey | quote }}
  {{- end }}
{{- end }}
{{- with .Values.nats.tls.existingSecret }}
nats-tls:
  secret: {{ . | quote }}
  variables: {}
{{- end }}
{{- range $key, $service := include "longshore.services" . | fromYaml }}
{{- $tls := include "longshore.tls" (list $ $key) | fromYaml }}
{{- if and $service.listens $tls.existingSecret }}
{{ $service.component }}-tls:
  secret: {{ $tls.existingSecret | quote }}
  variables:
    REGISTRY_HTTP_TLS_CERTIFICATE: {{ $tls.certificateKey | quote }}
    REGISTRY_HTTP_TLS_KEY: {{ $tls.keyKey | quote }}
  items: [{{ $tls.certificateKey | quote }}, {{ $tls.keyKey | quote }}]
{{- with $tls.clients }}{{ if .existingSecret }}
{{ $service.component }}-clients:
  secret: {{ .existingSecret | quote }}
  variables:
    REGISTRY_HTTP_TLS_CLIENTCAS_0: {{ .caKey | quote }}
    {{- with .crlKey }}
    REGISTRY_HTTP_TLS_CLIENTCRLS_0: {{ . | quote }}
    {{- end }}
{{- end }}{{ end }}
{{- if and (eq $key "blobService") $tls.caKey }}
blob-service-ca:
  secret: {{ $tls.existingSecret | quote }}
  variables:
    REGISTRY_SERVICES_BLOBSERVICE_TLS_CA: {{ $tls.caKey | quote }}
  items: [{{ $tls.caKey | quote }}]
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.gatewayCertificate }}{{ if .existingSecret }}
gateway-certificate:
  secret: {{ .existingSecret | quote }}
  variables:
    REGISTRY_SERVICES_BLOBSERVICE_TLS_CERTIFICATE: {{ .certificateKey | quote }}
    REGISTRY_SERVICES_BLOBSERVICE_TLS_KEY: {{ .keyKey | quote }}
  items: [{{ .certificateKey | quote }}, {{ .keyKey | quote }}]
{{- end }}{{ end }}
services:
  secret: {{ include "longshore.servicesSecret" . | quote }}
  variables:
    REGISTRY_SERVICES_SECRET_FILE: {{ .Values.servicesSecret.key | quote }}
{{- with .Values.auth.htpasswd.existingSecret }}
accounts:
  secret: {{ . | quote }}
  variables: {}
{{- end }}
{{- with .Values.auth.externalTokens.existingSecret }}
tokens:
  secret: {{ . | quote }}
  variables: {}
{{- end }}
{{- with .Values.auth.ldap }}{{ if .existingSecret }}
directory:
  secret: {{ .existingSecret | quote }}
  variables:
    {{- if include "longshore.searchAccount" $ }}
    REGISTRY_AUTH_LDAP_SEARCH_PASSWORD_FILE: {{ .passwordKey | quote }}
    {{- end }}
    {{- with .caKey }}
    REGISTRY_AUTH_LDAP_CA: {{ . | quote }}
    {{- end }}
{{- end }}{{ end }}
{{- with .Values.auth.providers }}{{ if .existingSecret }}
providers:
  secret: {{ .existingSecret | quote }}
  variables:
    {{- with .caKey }}
    REGISTRY_EGRESS_CA: {{ . | quote }}
    {{- end }}
{{- end }}{{ end }}
{{- if include "longshore.sealsTokens" . }}
seal:
  secret: {{ include "longshore.sealSecret" . | quote }}
  variables:
    REGISTRY_HTTP_SECRET_FILE: {{ .Values.auth.seal.key | quote }}
{{- end }}
{{- with .Values.storage.existingSecret }}
store:
  secret: {{ . | quote }}
  variables:
  {{- range include "longshore.storeSecretKeys" $ | fromYamlArray }}
    {{ printf "REGISTRY_STORAGE_%s_%s_FILE" (upper $values.storage.driver) (upper .) }}: {{ . | quote }}
  {{- end }}
{{- end }}
{{- with include "longshore.webhookAddresses" . | fromJson }}
own-webhooks:
  secret: {{ include "longshore.name" (list $ "webhooks") | quote }}
  variables:
  {{- range $index, $address := . }}
    REGISTRY_NOTIFICATIONS_ENDPOINTS_{{ $index }}_URL_FILE: {{ $index | quote }}
  {{- end }}
{{- end }}
{{- range $index, $entry := .Values.configurationFromSecrets }}
own-{{ $index }}:
  secret: {{ $entry.secret | quote }}
  variables:
    {{ $entry.variable }}_FILE: {{ $entry.key | quote }}
{{- end }}
{{- end -}}

{{- /* Stands for the key of a Secret that is named as the service that reads it. */ -}}
{{- define "longshore.ownKey" -}}<service>{{- end -}}

{{- /* Which of them a service has: (list $ service). `items` are the only keys that its pods mount of a Secret that other services read, too. */ -}}
{{- define "longshore.credentialsOf" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- $known := include "longshore.credentials" $root | replace (include "longshore.ownKey" $root) $service.component | fromYaml -}}
{{- $own := dict -}}
{{- range $name, $credential := $known -}}
{{- if or (has $name $service.files) (hasPrefix "own-" $name) -}}{{ $_ := set $own $name $credential }}{{- end -}}
{{- end -}}
{{- with $own.nats }}{{ $_ := set . "items" (values .variables | sortAlpha) }}{{ end -}}
{{- toYaml $own -}}
{{- end -}}

{{- /* The components that speak on the bus. */ -}}
{{- define "longshore.onBus" -}}
{{- $components := list -}}
{{- range include "longshore.services" . | fromYaml }}{{ if has "nats" .files }}{{ $components = append $components .component }}{{ end }}{{ end -}}
{{- toYaml $components -}}
{{- end -}}

{{- /* Parameters of the driver that the Secret of `storage.existingSecret` holds, each under its own name. */ -}}
{{- define "longshore.storeSecretKeys" -}}
{{- $usual := include "longshore.usualStoreSecrets" . | fromYaml -}}
{{- toYaml (default (index $usual .Values.storage.driver) .Values.storage.existingSecretKeys) -}}
{{- end -}}

{{- define "longshore.postgresSecret" -}}
{{- if .Values.postgres.existingSecret -}}
{{- .Values.postgres.existingSecret -}}
{{- else if .Values.postgres.bundled.enabled -}}
{{- include "longshore.name" (list . "postgres") -}}
{{- else -}}
{{- fail "postgres.existingSecret: name the Secret that holds the database's password (passwordKey) or its whole address (urlKey); the chart knows no default credential" -}}
{{- end -}}
{{- end -}}

{{- /* Empty when an external NATS wants no credentials. */ -}}
{{- define "longshore.natsSecret" -}}
{{- if .Values.nats.existingSecret -}}
{{- .Values.nats.existingSecret -}}
{{- else if .Values.nats.bundled.enabled -}}
{{- include "longshore.name" (list . "nats") -}}
{{- end -}}
{{- end -}}

{{- define "longshore.servicesSecret" -}}
{{- default (include "longshore.name" (list . "services")) .Values.servicesSecret.existingSecret -}}
{{- end -}}

{{- define "longshore.sealSecret" -}}
{{- default (include "longshore.name" (list . "seal")) .Values.auth.seal.existingSecret -}}
{{- end -}}

{{- /* "yes" when our own auth-service signs tokens, whose keys are sealed in the database. */ -}}
{{- define "longshore.sealsTokens" -}}
{{- $auth := default dict .Values.configuration.auth -}}
{{- if and (hasKey $auth "token") (not .Values.auth.externalTokens.existingSecret) -}}yes{{- end -}}
{{- end -}}

{{- /* "yes" when auth-service identifies somebody to whom it can give a token. */ -}}
{{- define "longshore.identifies" -}}
{{- $auth := default dict .Values.configuration.auth -}}
{{- if or .Values.auth.htpasswd.existingSecret (hasKey $auth "database") (hasKey $auth "ldap") (hasKey $auth "oidc") $auth.workloads -}}yes{{- end -}}
{{- end -}}

{{- /* The account with which auth-service searches the directory; empty where the search is anonymous, or there is none. */ -}}
{{- define "longshore.searchAccount" -}}
{{- dig "auth" "ldap" "search" "binddn" "" .Values.configuration -}}
{{- end -}}

{{- /*
A value that is made once: (list $ secret key value grows keys). It is read back from the cluster ever after. Where no cluster can be seen (helm template, most
GitOps controllers) each render would make another one without a word, so there it is refused.
*/ -}}
{{- define "longshore.madeOnce" -}}
{{- $root := index . 0 -}}
{{- $secret := index . 1 -}}
{{- $namespace := default $root.Release.Namespace $root.Values.namespaceOverride -}}
{{- $found := lookup "v1" "Secret" $namespace $secret -}}
{{- /* A Secret that grows has a key more when a service joins; of any other, a new value would not be the one in use. */ -}}
{{- $there := and $found (hasKey (default dict $found.data) (index . 2)) -}}
{{- if and $found (or $there (not (index . 4))) -}}
{{- required (printf "the Secret %s is there, and has no key %s" $secret (index . 2)) (index (default dict $found.data) (index . 2)) -}}
{{- else -}}
{{- $seen := or (lookup "v1" "ServiceAccount" $namespace "default") (lookup "v1" "Namespace" "" "kube-system") -}}
{{- if not $seen -}}
{{- $literals := list -}}
{{- range index . 5 }}{{ $literals = append $literals (printf "--from-literal=%s=\"$(openssl rand -hex 32)\"" .) }}{{ end -}}
{{- fail (printf "the Secret %s would be made anew at each render, since no cluster can be seen from here (helm template, GitOps): create it first and name it (%s). kubectl create secret generic %s --namespace %s %s" $secret (index . 3) $secret $namespace (join " " $literals)) -}}
{{- end -}}
{{- randAlphaNum 40 | b64enc -}}
{{- end -}}
{{- end -}}
