using Hangfire;
using HqTrack.Web.Security;

namespace HqTrack.Web.Jobs;

/// <summary>/jobs: Hangfire's own page about queues, workers and failures, for administrators. Requests are checked by <see cref="RequestGuard"/> like all others.</summary>
internal static class JobDashboard
{
    public static void Map(IEndpointRouteBuilder app) => app.MapHangfireDashboard("/jobs", new DashboardOptions
    {
        Authorization = [],             // by the role below
        IgnoreAntiforgeryToken = true,  // requests of other sites are refused by their origin
        AppPath = "/",
        DashboardTitle = "HqTrack jobs",
        DisplayStorageConnectionString = false,
    }).WithMetadata(new RequiredRole(Role.Admin), new InlineStyles()); // the colours of states and charts
}
