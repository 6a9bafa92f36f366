using HqTrack.Scenes;

namespace HqTrack.Cli.Options;

/// <summary>Scenes for commands: what cannot be rendered is a matter of the options given.</summary>
internal static class SceneFactory
{
    /// <summary>Makes a scene.</summary>
    /// <exception cref="UsageException">The options do not make a scene.</exception>
    public static Scene Create(SceneOptions options)
    {
        try
        {
            return Scene.Create(options);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw new UsageException($"no scene of {options.Objects} objects, {options.Frames} frames and {options.Width}x{options.Height} pixels: {e.Message}");
        }
    }
}
