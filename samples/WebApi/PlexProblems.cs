using Microsoft.AspNetCore.Diagnostics;
using PlexSync;

namespace WebApi;

/// <summary>Answers with what PlexSync says of an error, and never with more: it holds no token and no PIN.</summary>
internal sealed class PlexProblems(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not PlexException error)
        {
            return false;
        }

        httpContext.Response.StatusCode = error.Category switch
        {
            PlexErrorCategory.Usage => StatusCodes.Status400BadRequest,
            PlexErrorCategory.Account => StatusCodes.Status403Forbidden,
            PlexErrorCategory.Connection => StatusCodes.Status502BadGateway,
            PlexErrorCategory.Refused => StatusCodes.Status409Conflict,
            _ => StatusCodes.Status500InternalServerError,
        };
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails = { Title = $"{error.Kind}", Detail = error.Message, Status = httpContext.Response.StatusCode },
        });
    }
}
