using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace WorkerService;

/// <summary>The section <c>PlexSync</c> of the configuration.</summary>
internal sealed class WorkerOptions
{
    public const string Section = "PlexSync";

    /// <summary>
    /// The token of the server's owner: from the environment (<c>PlexSync__Token</c>) or user secrets, never from a file that is shared.
    /// </summary>
    [Required(ErrorMessage = "PlexSync:Token is missing: set the variable PlexSync__Token, or a user secret.")]
    public string Token { get; set; } = "";

    /// <summary>Where the server is.</summary>
    [Required(ErrorMessage = "PlexSync:Server is missing: the address of the server, as in http://nas:32400.")]
    public Uri? Server { get; set; }

    /// <summary>The Home users who get what the owner of the token has seen.</summary>
    public IList<string> To { get; } = [];

    /// <summary>The PINs of those who have one, by the names in <see cref="To"/>; secret as the token is.</summary>
    public IDictionary<string, string> Pins { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How long from one run to the next.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromHours(6);

    /// <summary>The rule for conflicts, by its name on the command line.</summary>
    [AllowedValues(
        "copy", "fill", "furthest", "newest", "mirror", ErrorMessage = "PlexSync:Policy must be copy, fill, furthest, newest or mirror.")]
    public string Policy { get; set; } = "copy";

    /// <summary>Where the journal is kept.</summary>
    [Required(ErrorMessage = "PlexSync:StateFolder is missing: a folder for the journal.")]
    public string StateFolder { get; set; } = "state";
}

/// <summary>Checks the options when the host starts.</summary>
[OptionsValidator]
internal sealed partial class WorkerOptionsValidator : IValidateOptions<WorkerOptions>;
