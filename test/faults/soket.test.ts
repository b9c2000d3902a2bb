import { courses } from './courses.ts';
import { describeCourse } from './describe-course.ts';

describeCourse(courses.soket);
