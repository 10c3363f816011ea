{{- define "longshore.migrationContainer" -}}
- name: migrate
  image: {{ include "longshore.image" (list . .Values.migrations.image "cli") | quote }}
  imagePullPolicy: {{ include "longshore.pullPolicy" (list . .Values.migrations.image) }}
  args: [migrate]
  securityContext: {{- toYaml .Values.containerSecurityContext | nindent 4 }}
  terminationMessagePolicy: FallbackToLogsOnError
  env:
    {{- include "longshore.postgresVariables" . | nindent 4 }}
    {{- range $variable, $key := (include "longshore.credentials" . | fromYaml).postgres.variables }}
    - { name: {{ $variable }}, value: {{ printf "/run/secrets/longshore/postgres/%s" $key | quote }} }
    {{- end }}
    {{- include "longshore.certificateVariables" . | nindent 4 }}
    {{- with .Values.migrations.extraEnv }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  resources: {{- toYaml .Values.migrations.resources | nindent 4 }}
  volumeMounts:
    - { name: postgres, mountPath: /run/secrets/longshore/postgres, readOnly: true }
    {{- include "longshore.certificateMounts" . | nindent 4 }}
    {{- with .Values.migrations.extraVolumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{- /* The pod of a migration that is a Job. It needs the database's Secret and nothing that the release itself makes, so it can run before it. */ -}}
{{- define "longshore.migrationPod" -}}
metadata:
  labels:
    {{- include "longshore.podLabels" (list . "migrations") | nindent 4 }}
    {{- with .Values.migrations.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .Values.migrations.podAnnotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  # A pod that failed stays, with its log and its termination message.
  restartPolicy: Never
  serviceAccountName: {{ default "default" .Values.migrations.serviceAccountName | quote }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- include "longshore.pullSecrets" . | nindent 2 }}
  securityContext: {{- toYaml .Values.podSecurityContext | nindent 4 }}
  {{- with .Values.migrations.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.migrations.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    {{- include "longshore.migrationContainer" . | nindent 4 }}
  volumes:
    - name: postgres
      secret: { secretName: {{ include "longshore.postgresSecret" . | quote }}, optional: true, defaultMode: 0440 }
    {{- include "longshore.certificateVolume" . | nindent 4 }}
    {{- with .Values.migrations.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
