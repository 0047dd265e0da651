/**
 * Metrics of others that the rules ask for, by the job that reports them. A test on a real cluster finds each of them, but for those whose
 * reason to be missing there is given.
 */
export const EXPORTED: Readonly<Record<string, readonly string[]>> = {
  postgres: [
    'pg_up',
    'pg_exporter_last_scrape_error',
    'pg_settings_max_connections',
    'pg_stat_activity_count',
    'pg_stat_replication_pg_wal_lsn_diff',
    'pg_replication_lag_seconds',
    'pg_replication_is_replica',
  ],
  redis: [
    'redis_up',
    'redis_exporter_last_scrape_error',
    'redis_memory_used_bytes',
    'redis_memory_max_bytes',
    'redis_evicted_keys_total',
    'redis_aof_enabled',
    'redis_aof_last_write_status',
    'redis_aof_last_bgrewrite_status',
  ],
  nginx: ['nginx_up', 'nginx_connections_accepted', 'nginx_connections_handled'],
  node: [
    'node_cpu_seconds_total',
    'node_memory_MemAvailable_bytes',
    'node_memory_MemTotal_bytes',
    'node_filesystem_avail_bytes',
    'node_filesystem_size_bytes',
  ],
  prometheus: [
    'prometheus_config_last_reload_successful',
    'prometheus_notifications_alertmanagers_discovered',
    'prometheus_notifications_errors_total',
    'prometheus_rule_evaluation_failures_total',
  ],
  alertmanager: ['alertmanager_config_last_reload_successful', 'alertmanager_notifications_failed_total'],
  blackbox: ['probe_ssl_earliest_cert_expiry'],
};
