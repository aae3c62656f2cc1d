#include "harness/report/xml_text.h"

#include "protocol/text_safety.h"

namespace netchat::harness {

std::string xmlText(std::string_view text) {
    std::string out;
    for (const char c : neutralised(text)) {
        switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

}  // namespace netchat::harness
