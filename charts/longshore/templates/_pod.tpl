{{- define "longshore.pullSecrets" -}}
{{- with concat .Values.global.imagePullSecrets .Values.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Variables of a service's process: (list $ service values). */ -}}
{{- define "longshore.variables" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- $values := index . 2 -}}
- { name: REGISTRY_CONFIGURATION_PATH, value: /etc/longshore/config.yml }
{{- /* Requests under way are let to their end, and the process ends before the kubelet ends it. */}}
- { name: REGISTRY_HTTP_DRAINTIMEOUT, value: {{ printf "%ds" (int (sub (sub (int $values.terminationGracePeriodSeconds) (int $values.preStopSeconds)) 5)) }} }
{{- if has "postgres" $service.files }}
{{- include "longshore.postgresVariables" $root }}
{{- end }}
{{- range $name, $credential := include "longshore.credentialsOf" (list $root $service) | fromYaml }}
{{- range $variable, $key := $credential.variables }}
- { name: {{ $variable }}, value: {{ printf "/run/secrets/longshore/%s/%s" $name $key | quote }} }
{{- end }}
{{- end }}
{{- if and $service.listens $values.tls.existingSecret $values.tls.clients.existingSecret }}
- { name: REGISTRY_HTTP_TLS_CLIENTAUTH, value: {{ $values.tls.clients.auth }} }
{{- end }}
{{- include "longshore.certificateVariables" $root }}
{{- end -}}

{{- /* Certificates of authorities that Node trusts beside its own. */ -}}
{{- define "longshore.certificateVariables" -}}
{{- if include "longshore.certificateVolume" . }}
- { name: NODE_EXTRA_CA_CERTS, value: {{ printf "/etc/ssl/longshore/%s" .Values.certificates.key | quote }} }
{{- end }}
{{- end -}}

{{- define "longshore.certificateMounts" -}}
{{- if include "longshore.certificateVolume" . }}
- { name: certificates, mountPath: /etc/ssl/longshore, readOnly: true }
{{- end }}
{{- end -}}

{{- define "longshore.certificateVolume" -}}
{{- with .Values.certificates }}
{{- if .existingSecret }}
- name: certificates
  secret: { secretName: {{ .existingSecret | quote }}, items: [{ key: {{ .key | quote }}, path: {{ .key | quote }} }] }
{{- else if .existingConfigMap }}
- name: certificates
  configMap: { name: {{ .existingConfigMap | quote }}, items: [{ key: {{ .key | quote }}, path: {{ .key | quote }} }] }
{{- end }}
{{- end }}
{{- end -}}

{{- /* (list $ service): the files of its configuration and credentials, and the store when it is a volume. */ -}}
{{- define "longshore.mounts" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
- { name: configuration, mountPath: /etc/longshore, readOnly: true }
- { name: temporary, mountPath: /tmp }
{{- range $name, $credential := include "longshore.credentialsOf" (list $root $service) | fromYaml }}
- { name: {{ $name }}, mountPath: /run/secrets/longshore/{{ $name }}, readOnly: true }
{{- end }}
{{- include "longshore.certificateMounts" $root }}
{{- if and $service.store (eq $root.Values.storage.driver "filesystem") }}
- { name: blobs, mountPath: {{ default "/var/lib/registry" $root.Values.storage.filesystem.rootdirectory | quote }} }
{{- end }}
{{- end -}}

{{- define "longshore.volumes" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
- name: configuration
  configMap: { name: {{ include "longshore.name" (list $root "configuration") }} }
- name: temporary
  emptyDir: { sizeLimit: 64Mi }
{{- range $name, $credential := include "longshore.credentialsOf" (list $root $service) | fromYaml }}
- name: {{ $name }}
  # A Secret that is not there does not keep the pod from starting: the process says which file is missing.
  secret:
    secretName: {{ $credential.secret | quote }}
    optional: true
    defaultMode: 0440
    {{- with $credential.items }}
    items:
      {{- range . }}
      - { key: {{ . | quote }}, path: {{ . | quote }} }
      {{- end }}
    {{- end }}
{{- end }}
{{- include "longshore.certificateVolume" $root }}
{{- if and $service.store (eq $root.Values.storage.driver "filesystem") }}
- name: blobs
  persistentVolumeClaim: { claimName: {{ include "longshore.blobsClaim" $root | quote }} }
{{- end }}
{{- end -}}

{{- define "longshore.blobsClaim" -}}
{{- default (include "longshore.name" (list . "blobs")) .Values.storage.persistence.existingClaim -}}
{{- end -}}
