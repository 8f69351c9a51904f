namespace PlexSync.Simulator;

internal static class ExitCodes
{
    public const int Done = 0;
    public const int PortTaken = 1;
    public const int BadArguments = 2;
}
