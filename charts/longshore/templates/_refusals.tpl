{{- /* What cannot work is refused before anything is made, each with its reason. */ -}}
{{- define "longshore.refuse" -}}
{{- /* The sleep of preStop is there from 1.30 on. Chart.yaml cannot say why, so it does not say it at all. */ -}}
{{- if semverCompare "<1.30.0-0" .Capabilities.KubeVersion.Version -}}
{{- fail (printf "Kubernetes %s: this chart needs 1.30 or later. `helm template` sees no cluster and takes the version that your Helm was built with, which is 1.20 in a Helm 3 made by `go install`: name yours with --kube-version 1.34.0" .Capabilities.KubeVersion.Version) -}}
{{- end -}}
{{- $drivers := include "longshore.drivers" . | fromYamlArray -}}
{{- if not (has .Values.storage.driver $drivers) -}}
{{- fail (printf "storage.driver: choose where the bytes are kept (%s)" (join ", " $drivers)) -}}
{{- end -}}
{{- if eq .Values.storage.driver "custom" -}}
{{- if ne (len .Values.storage.custom) 1 -}}
{{- fail "storage.custom: name one package and its parameters, such as { '@acme/shelf': { path: /shelf } }" -}}
{{- end -}}
{{- if .Values.storage.existingSecret -}}
{{- fail "storage.existingSecret: parameters of a driver of your own have no variables; mount the Secret with extraVolumes of blobService and garbageCollector, and name its files in storage.custom" -}}
{{- end -}}
{{- end -}}
{{- with .Values.postgres -}}
{{- if and (not .bundled.enabled) (not .host) (not .urlKey) -}}
{{- fail "postgres.host: name your database, or set postgres.bundled.enabled for a first try" -}}
{{- end -}}
{{- if and .bundled.enabled (or .host .urlKey) -}}
{{- fail "postgres.bundled.enabled: there is a postgres.host or postgres.urlKey as well; one database is used" -}}
{{- end -}}
{{- end -}}
{{- range $key, $service := include "longshore.services" . | fromYaml -}}
{{- $tls := include "longshore.tls" (list $ $key) | fromYaml -}}
{{- if and $tls.clients.existingSecret (not $tls.existingSecret) -}}
{{- fail (printf "%s.tls.clients.existingSecret: certificates of clients need TLS at the port, %s.tls.existingSecret" $key $key) -}}
{{- end -}}
{{- end -}}
{{- $blobs := include "longshore.tls" (list . "blobService") | fromYaml -}}
{{- if and .Values.gatewayCertificate.existingSecret (not $blobs.existingSecret) -}}
{{- fail "gatewayCertificate.existingSecret: the gateway shows its certificate by TLS, which blob-service does not speak; name blobService.tls.existingSecret" -}}
{{- end -}}
{{- if and $blobs.clients.existingSecret (hasPrefix "require-" $blobs.clients.auth) (not .Values.gatewayCertificate.existingSecret) -}}
{{- fail "blobService.tls.clients.auth: blob-service would refuse the gateway, which has no certificate; name one that blobService.tls.clients.existingSecret verifies in gatewayCertificate.existingSecret" -}}
{{- end -}}
{{- with .Values.nats -}}
{{- if and (not .bundled.enabled) (not .servers) -}}
{{- fail "nats.servers: name your NATS servers, or set nats.bundled.enabled for a first try" -}}
{{- end -}}
{{- if and .bundled.enabled .servers -}}
{{- fail "nats.bundled.enabled: there are nats.servers as well; one bus is used" -}}
{{- end -}}
{{- if and .bundled.enabled (or .userKey .passwordKey .credsKey) -}}
{{- fail "nats.userKey, nats.passwordKey, nats.credsKey: the bundled NATS has a user for each service, whose password is in nats.existingSecret under the service's name" -}}
{{- end -}}
{{- if and .passwordKey .credsKey -}}
{{- fail "nats.passwordKey, nats.credsKey: a password or a credentials file; one is used" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.ingress.enabled .Values.httpRoute.enabled -}}
{{- fail "ingress.enabled and httpRoute.enabled: the registry has one way in; switch one of them off" -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.parentRefs: name the Gateway that the route belongs to" -}}
{{- end -}}
{{- if and (eq .Values.migrations.mode "hook") .Values.postgres.bundled.enabled -}}
{{- fail "migrations.mode: a hook runs before the bundled Postgres exists; use job or initContainer with postgres.bundled.enabled" -}}
{{- end -}}
{{- if and (include "longshore.readsMetrics" .) (not .Values.metrics.enabled) -}}
{{- fail "metrics.enabled: metrics.service, metrics.serviceMonitor and metrics.podMonitor read what is not served while it is false" -}}
{{- end -}}
{{- if and .Values.metrics.serviceMonitor.enabled .Values.metrics.podMonitor.enabled -}}
{{- fail "metrics.serviceMonitor.enabled and metrics.podMonitor.enabled: every series would be read twice; switch one of them off" -}}
{{- end -}}
{{- with .Values.auth -}}
{{- if and (include "longshore.sealsTokens" $) (not (include "longshore.identifies" $)) -}}
{{- fail "configuration.auth.token: our own tokens are for accounts; name a Secret with an htpasswd file in auth.htpasswd.existingSecret, other accounts in configuration.auth (database, ldap, oidc, workloads), or a token server's keys in auth.externalTokens" -}}
{{- end -}}
{{- if and .externalTokens.existingSecret (not .externalTokens.jwksKey) (not .externalTokens.rootcertbundleKey) -}}
{{- fail "auth.externalTokens: name the key of the JWK set (jwksKey) or of the certificates (rootcertbundleKey) that tokens are verified with" -}}
{{- end -}}
{{- end -}}
{{- $auth := default dict .Values.configuration.auth -}}
{{- $told := list -}}
{{- range .Values.configurationFromSecrets }}{{ $told = append $told .variable }}{{ end -}}
{{- with .Values.auth.ldap -}}
{{- if and .existingSecret (not $auth.ldap) -}}
{{- fail "auth.ldap.existingSecret: nobody asks a directory; describe it in configuration.auth.ldap" -}}
{{- end -}}
{{- if and (include "longshore.searchAccount" $) (not (and .existingSecret .passwordKey)) (not (has "REGISTRY_AUTH_LDAP_SEARCH_PASSWORD" $told)) -}}
{{- fail "configuration.auth.ldap.search.binddn: name the Secret with its password (auth.ldap.existingSecret, passwordKey); without a password the directory would take it for nobody" -}}
{{- end -}}
{{- end -}}
{{- with .Values.auth.providers -}}
{{- if and .existingSecret (not $auth.oidc) (not .caKey) -}}
{{- fail "auth.providers.existingSecret: nothing of it is read; describe the providers of people in configuration.auth.oidc, or name the key of an authority (caKey)" -}}
{{- end -}}
{{- end -}}
{{- if $auth.oidc -}}
{{- if not (hasKey $auth "token") -}}
{{- fail "configuration.auth.oidc: people who log in get tokens of the registry; add configuration.auth.token, if only as {}" -}}
{{- end -}}
{{- if not (include "longshore.externalUrl" .) -}}
{{- fail "configuration.auth.oidc: identity providers lead people back to one address; set externalUrl" -}}
{{- end -}}
{{- end -}}
{{- range $key, $service := include "longshore.services" . | fromYaml -}}
{{- $values := include "longshore.serviceValues" (list $ $key) | fromYaml -}}
{{- if lt (int $values.terminationGracePeriodSeconds) (int (add $values.preStopSeconds 10)) -}}
{{- fail (printf "%s.terminationGracePeriodSeconds: leaves no time for requests under way; it must be at least 10 more than preStopSeconds, %d" $key (int $values.preStopSeconds)) -}}
{{- end -}}
{{- end -}}
{{- if eq .Values.storage.driver "filesystem" -}}
{{- $blobs := include "longshore.serviceValues" (list . "blobService") | fromYaml -}}
{{- $many := or (gt (include "longshore.fewestReplicas" $blobs | int) 1) $blobs.autoscaling.enabled -}}
{{- if and $many (not (has "ReadWriteMany" .Values.storage.persistence.accessModes)) -}}
{{- fail "blobService.replicas, blobService.autoscaling: more than one replica of blob-service needs a volume that all of them write to; set storage.persistence.accessModes to [ReadWriteMany], use an object store, or set blobService.replicas to 1" -}}
{{- end -}}
{{- end -}}
{{- end -}}
