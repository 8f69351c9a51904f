using System.Globalization;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace PlexSync.Fleet.Pages;

/// <summary>
/// A time: how long it is from now, with the moment in UTC as its title; with <c>exact</c> the moment itself. Public since Razor finds no
/// other.
/// </summary>
[HtmlTargetElement("moment", Attributes = "at", TagStructure = TagStructure.WithoutEndTag)]
public sealed class MomentTagHelper(TimeProvider time) : TagHelper
{
    /// <summary>When; null for a time that is not known.</summary>
    public DateTimeOffset? At { get; set; }

    /// <summary>Shows the moment itself.</summary>
    public bool Exact { get; set; }

    /// <summary>What is shown where the time is not known.</summary>
    public string Unknown { get; set; } = "–";

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.TagMode = TagMode.StartTagAndEndTag;
        output.TagName = At is null ? "span" : "time";
        if (At is not { } at)
        {
            output.Content.SetContent(Unknown);
            return;
        }

        var utc = at.UtcDateTime;
        var moment = utc.ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);
        output.Attributes.SetAttribute("datetime", utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        output.Attributes.SetAttribute("title", moment);
        output.Content.SetContent(Exact ? moment : Sentences.FromNow(at, time.GetUtcNow()));
    }
}
