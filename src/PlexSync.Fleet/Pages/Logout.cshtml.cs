using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using PlexSync.Fleet.Access;

namespace PlexSync.Fleet.Pages;

/// <summary>Takes the cookie back.</summary>
internal sealed class LogoutModel : PageModel
{
    public async Task<IActionResult> OnPostAsync()
    {
        await HttpContext.SignOutAsync(FleetAccess.Session).ConfigureAwait(false);
        return LocalRedirect(FleetAccess.LoginPath);
    }
}
