namespace PocketSam.Imaging.Exports;

/// <summary>What masks of a picture can be written as.</summary>
public enum ExportFormat
{
    /// <summary><c>coco</c>: a COCO dataset with run-length encodings.</summary>
    Coco,

    /// <summary><c>yolo</c>: label lines of YOLO's segmentation models.</summary>
    Yolo,

    /// <summary><c>labelme</c>: a file of the annotation tool LabelMe.</summary>
    LabelMe,

    /// <summary><c>svg</c>: a drawing over the picture.</summary>
    Svg,

    /// <summary><c>geojson</c>: polygons with holes, in pixels.</summary>
    GeoJson,

    /// <summary><c>png-masks</c>: a folder with a black-and-white PNG for each mask.</summary>
    PngMasks,

    /// <summary><c>cutouts</c>: a folder with a PNG of each masked part of the photo, the rest transparent.</summary>
    Cutouts,
}
