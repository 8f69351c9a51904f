using PlexSync.Simulator.Hosting;

namespace PlexSync.Simulator.MediaServer;

/// <summary>Errors are HTML whatever the client accepts (sheet §1.2, §2.3).</summary>
internal static class Html
{
    public static Answer Error(int status)
    {
        var title = status switch
        {
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            _ => "Not Found",
        };
        return Answer.Text(status, "text/html", $"<html><head><title>{title}</title></head><body><h1>{status} {title}</h1></body></html>");
    }

    /// <summary>Sheet §12.</summary>
    public static Answer Maintenance() => Answer.Text(503, "application/xml",
        """<?xml version="1.0" encoding="UTF-8"?><Response code="503" title="Maintenance" status="Plex Media Server is currently running startup maintenance tasks."/>""");
}
