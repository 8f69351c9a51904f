using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using PlexSync.Fleet.Access;

namespace PlexSync.Fleet.Pages;

/// <summary>Takes the secret, and gives a cookie.</summary>
[AllowAnonymous]
[EnableRateLimiting(FleetAccess.SigningIn)]
internal sealed class LoginModel(IOptions<FleetOptions> options) : PageModel
{
    /// <summary>The page that was asked for.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Next { get; set; }

    public bool IsWrong { get; private set; }

    public async Task<IActionResult> OnPostAsync([FromForm] string? secret)
    {
        if (!Secrets.AreEqual(secret ?? "", options.Value.Secret))
        {
            IsWrong = true;
            Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Page();
        }

        await HttpContext.SignInAsync(
            FleetAccess.Session,
            FleetAccess.PrincipalOf(FleetAccess.Administrator, FleetAccess.Session)).ConfigureAwait(false);
        return LocalRedirect(Url.IsLocalUrl(Next) ? Next : "/");
    }
}
