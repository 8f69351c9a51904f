using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace PlexSync.Hosting;

/// <summary>
/// Healthy while all jobs are kept up; degraded while one fails or has yet to run; unhealthy once one has failed for a quarter of an hour,
/// and before any has run.
/// </summary>
/// <param name="states">How the jobs fare.</param>
internal sealed class JobHealthCheck(JobStates states) : IHealthCheck
{
    public static readonly TimeSpan LongestFailure = TimeSpan.FromMinutes(15);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var jobs = states.Read();
        var status = !jobs.Any(static job => job.HasRun) || jobs.Any(static job => job.FailingFor >= LongestFailure)
            ? context.Registration.FailureStatus
            : jobs.All(static job => job is { HasRun: true, FailingFor: null }) ? HealthStatus.Healthy : HealthStatus.Degraded;
        var description = jobs.Count == 0 ? "No job has run."
            : status is HealthStatus.Healthy ? "All jobs are kept up."
            : string.Join(' ', jobs.Select(Describe).OfType<string>());
        return Task.FromResult(new HealthCheckResult(status, description));
    }

    private static string? Describe(JobState job) => job switch
    {
        { Error: { } error, FailingFor: { } time } =>
            $"The job '{job.Name}' has been failing for {(int)time.TotalMinutes} min: {error.Message}",
        { HasRun: false } => $"The job '{job.Name}' has yet to run.",
        _ => null,
    };
}
