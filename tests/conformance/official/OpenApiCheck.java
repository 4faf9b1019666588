import com.reprezen.kaizen.oasparser.OpenApi3Parser;
import com.reprezen.kaizen.oasparser.model3.OpenApi3;
import java.io.File;

/** Validates an OpenAPI document, a file, with the parser that OGC's suites use; prints what it finds wrong. */
public final class OpenApiCheck {
    public static void main(String[] arguments) throws Exception {
        OpenApi3 document = new OpenApi3Parser().parse(new File(arguments[0]).toURI().toURL(), true);
        document.getValidationItems().forEach(item ->
            System.out.println(item.getSeverity() + " " + item.getPositionInfo() + " " + item.getMsg()));
        System.exit(document.isValid() ? 0 : 1);
    }
}
